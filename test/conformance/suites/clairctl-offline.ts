/** Suite `clairctl-offline`: the recorded runs of `export-updaters` and `import-updaters`, by ours, one after another. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable, type Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { testDatabase } from '../../../src/db/database.fixture.ts';
import { runToEnd } from '../../e2e/run-program.ts';
import { rewriteConfig } from '../service.ts';
import type { Suite, SuiteContext } from './suite.ts';

/** The export goes before what imports it. */
const RUNS = [
  'export-updaters',
  'import-updaters',
  'import-again',
  'import-bad',
  'import-missing',
  'import-noargs',
];
const EXPORT = 'updates.json.zst';

/** Judges exit codes, that every updater is in the export, and its lines where Clair's were kept. */
export const clairctlOfflineSuite: Suite = {
  name: 'clairctl-offline',
  async *run(context) {
    const golden = join(context.corpus, 'golden', 'clairctl');
    if (!existsSync(join(golden, 'export-summary.json'))) return;
    await context.nextDay(); // of which they were recorded
    await using database = await testDatabase();
    const folder = mkdtempSync(join(tmpdir(), 'clair-offline-'));
    try {
      layOutConfigs(context, folder, database.dsn);
      for (const name of RUNS) {
        const read = (kind: string) => readFileSync(join(golden, `${name}.${kind}`), 'utf8');
        const [command = ''] = read('cmd').split('   (');
        const args = command.trim().split(/\s+/).slice(2); // `$ clairctl WORD…`
        const ours = await runToEnd('clairctl', args, { CLAIR_CONF: '' }, folder);
        const outcome = { wrong: [] as string[], explained: new Map<string, string[]>() };
        const theirs = Number(read('rc'));
        if (ours.code !== theirs) {
          const line = `exit code ${ours.code}, Clair's ${theirs}: ${ours.stderr.trim().slice(-300)}`;
          // Clair's import cannot store ranges (clair-service.md#importing-feeds).
          const isRange = /unable to encode &?claircore\.Range/.test(read('stderr'));
          if (isRange && ours.code === 0) outcome.explained.set('import-of-ranges', [line]);
          else outcome.wrong.push(line);
        }
        if (ours.code !== 0 && ours.stdout !== '')
          outcome.wrong.push(`it printed ${ours.stdout.slice(0, 200)}`);
        if (name === 'export-updaters' && ours.code === 0) await compareExport(golden, folder, outcome);
        const verdict = outcome.wrong.length > 0 ? 'wrong' : outcome.explained.size > 0 ? 'better' : 'equal';
        yield { name, verdict, ...outcome, notYet: [] };
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** `main.yaml` reaches the recorded upstreams, `import.yaml` an empty database. */
function layOutConfigs({ corpus, corpusAddress }: SuiteContext, folder: string, dsn: string): void {
  mkdirSync(join(folder, 'config'));
  const config = readFileSync(join(corpus, 'clair.yaml'), 'utf8');
  const places = { upstream: corpusAddress, epss: undefined, dsn, port: 0, introspection: 0 };
  const text = rewriteConfig(config, places);
  for (const name of ['main', 'import']) writeFileSync(join(folder, 'config', `${name}.yaml`), text);
}

interface Line {
  readonly Updater: string;
  readonly Kind: string;
  readonly Vuln?: Readonly<Record<string, unknown>>;
}

async function compareExport(
  golden: string,
  folder: string,
  { wrong, explained }: { readonly wrong: string[]; readonly explained: Map<string, string[]> },
): Promise<void> {
  const kept = readFileSync(join(golden, 'export-sample-200-lines.json.gz'));
  const sample: Line[] = [];
  for await (const line of linesOf(kept, createGunzip())) sample.push(line);
  const sampled = new Set(sample.map(({ Updater }) => Updater));
  const counts = new Map<string, number>();
  const ours = new Map<string, Set<string>>();
  for await (const line of linesOf(readFileSync(join(folder, EXPORT)), createZstdDecompress())) {
    const feed = `${line.Kind} ${line.Updater}`;
    counts.set(feed, (counts.get(feed) ?? 0) + 1);
    if (!sampled.has(line.Updater)) continue;
    const known = ours.get(line.Updater) ?? new Set();
    ours.set(line.Updater, known.add(contentOf(line)));
  }
  const summary = JSON.parse(readFileSync(join(golden, 'export-summary.json'), 'utf8')) as {
    readonly 'lines per kind/updater': Readonly<Record<string, number>>;
  };
  for (const [feed, count] of Object.entries(summary['lines per kind/updater'])) {
    if (count > 0 && !counts.has(feed)) wrong.push(`nothing of ${feed}, Clair ${count} lines`);
  }
  for (const line of sample) {
    if (ours.get(line.Updater)?.has(contentOf(line))) continue;
    const rule = ruleOf(line);
    const text = `${line.Updater}: ${line.Vuln?.name}`;
    if (rule === undefined) wrong.push(`missing: ${text}`);
    else explained.set(rule, [...(explained.get(rule) ?? []), text]);
  }
}

function ruleOf({ Updater, Vuln = {} }: Line): string | undefined {
  if (Updater.startsWith('alpine-') && /\s/.test(String(Vuln.name))) return 'secdb-ids-split';
  // Clair stores them under a name that no package has.
  const { name } = Vuln.package as { name: string };
  return Updater.startsWith('osv/') && name.startsWith('pkg:') ? 'osv-package-names' : undefined;
}

/** What a line says, without the members that only one of the two has. */
function contentOf({ Vuln = {} }: Line): string {
  const { Self: _self, Aliases: _aliases, Bounds: _bounds, ...vulnerability } = Vuln;
  return JSON.stringify(sorted(vulnerability));
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, sorted(inner)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function* linesOf(packed: Buffer, unpack: Transform): AsyncGenerator<Line> {
  for await (const line of createInterface(Readable.from([packed]).pipe(unpack))) {
    if (line !== '') yield JSON.parse(line.replaceAll('[.]', '.')) as Line;
  }
}
