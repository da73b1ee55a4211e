/** A first update of small and of large feeds, beside what it costs to fetch and parse them alone. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { ROOT } from '../test/imports.ts';
import { generateFeeds } from './feeds-generator.ts';
import type { Bench } from './figures.ts';
import { serveFeeds } from './scale-feeds.ts';
import { startServer } from './scale-postgres.ts';

const run = promisify(execFile);
const { memory } = (await import(pathToFileURL(join(ROOT, 'scripts', 'node24.mjs')).href)) as {
  readonly memory: { readonly flags: readonly string[]; readonly environment: NodeJS.ProcessEnv };
};

/** Parts of production size; `--size` sets the large one. */
const SIZES = { small: 0.005, large: 0.05 };
/**
 * The ratios of an update to parsing alone that must not be exceeded: of the process, and with PostgreSQL. Twice what was
 * measured: they are for an update that does other things than before.
 */
const MOST = { process: 3, all: 4 };

export const benchUpdate: Bench = async (report, { size }) => {
  for (const [name, part] of Object.entries({ ...SIZES, ...(size !== undefined && { large: size }) })) {
    await using resources = new AsyncDisposableStack();
    const folder = mkdtempSync(join(tmpdir(), 'clair-feeds-'));
    resources.defer(() => rmSync(folder, { recursive: true, force: true }));
    await generateFeeds(folder, part);
    const upstream = resources.use(await serveFeeds(folder));
    const server = resources.use(await startServer());
    const updaters = JSON.stringify(upstream.updaters);
    const parse = await inProcess([updaters]);
    const before = server.cpu();
    const update = await inProcess([updaters, server.dsn('matcher')]);
    const postgres = server.cpu() - before;
    report(`${name}_records`, parse.records, 'records');
    report(`${name}_parse_cpu`, parse.cpu, 's');
    report(`${name}_update_cpu`, update.cpu, 's');
    report(`${name}_update_cpu_postgres`, postgres, 's');
    report(`${name}_ratio`, update.cpu / parse.cpu, 'x', MOST.process);
    report(`${name}_ratio_with_postgres`, (update.cpu + postgres) / parse.cpu, 'x', MOST.all);
  }
};

/** With the memory settings of the service. */
async function inProcess(
  args: readonly string[],
): Promise<{ readonly cpu: number; readonly records: number }> {
  const script = join(import.meta.dirname, 'update-once.ts');
  const env = { ...process.env, ...memory.environment };
  const { stdout } = await run(process.execPath, [...memory.flags, script, ...args], { env });
  return JSON.parse(stdout) as { cpu: number; records: number };
}
