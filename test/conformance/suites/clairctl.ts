/** Suite `clairctl`: the recorded runs of Clair's `clairctl`, by ours, against our service. */
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runToEnd } from '../../e2e/run-program.ts';
import { compareRun, type Run } from '../clairctl-run.ts';
import { readImages } from '../corpus.ts';
import { serveRecordedImages } from '../recorded-registry.ts';
import type { Suite, SuiteContext } from './suite.ts';

/** What talks to a Clair or reads a configuration; the others have tests of their own. */
const COMMANDS = /^(report|manifest|delete|check-config|admin|frobnicate|--version)$/;
/** Where the recorded Clair that was behind a key listened. */
const RECORDED_SERVICE = 'http://127.0.0.1:16060/';

/** Judges exit codes and stdout; what stderr says is for people. */
export const clairctlSuite: Suite = {
  name: 'clairctl',
  async *run(context) {
    const golden = join(context.corpus, 'golden', 'clairctl');
    if (!existsSync(golden)) return;
    const runs = recordedRuns(golden).map((name) => ({ name, args: argumentsOf(golden, name) }));
    const wanted = new Set(runs.flatMap(({ args }) => imagesIn(args)));
    // They were recorded when the feeds of the second day were loaded.
    await context.nextDay();
    const later = readImages(context.corpus, 'images-step2');
    const images = context.images.map((image) => later.find(({ name }) => name === image.name) ?? image);
    await using registry = await serveRecordedImages(context.images.filter(({ name }) => wanted.has(name)));
    const folder = mkdtempSync(join(tmpdir(), 'clair-clairctl-'));
    try {
      layOutConfigs(context, folder);
      for (const { name, args } of runs) {
        if (!isJudged(args, context)) continue;
        const ours = await runToEnd(
          'clairctl',
          args.map((word) => registry.toOurs(word).replace(RECORDED_SERVICE, context.serviceAddress)),
          { CLAIR_API: context.serviceAddress, CLAIR_CONF: '' },
          folder,
        );
        const run: Run = {
          name,
          args,
          input: configIn(args, folder),
          golden: { code: Number(read(golden, `${name}.rc`)), stdout: read(golden, `${name}.stdout`) },
          ours: { code: ours.code ?? -1, stdout: registry.toRecorded(ours.stdout), stderr: ours.stderr },
        };
        yield await compareRun(run, { ...context, images });
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

function recordedRuns(golden: string): string[] {
  return readdirSync(golden)
    .filter((file) => file.endsWith('.cmd'))
    .map((file) => file.slice(0, -'.cmd'.length))
    .filter((name) => existsSync(join(golden, `${name}.rc`)));
}

/** `$ clairctl WORD…   (remark)` */
function argumentsOf(golden: string, name: string): string[] {
  const [command = ''] = read(golden, `${name}.cmd`).split('   (');
  const text = command.trim().replace(/^\$ clairctl\s*/, '');
  // The shell's quotes are not recorded.
  return text === 'manifest BAD REF!!' ? ['manifest', 'BAD REF!!'] : text.split(/\s+/);
}

function isJudged(args: readonly string[], { images }: SuiteContext): boolean {
  const command = args.find((word) => COMMANDS.test(word));
  if (command === undefined || args.some((word) => /^(export|import)-/.test(word))) return false;
  return imagesIn(args).every((name) => name === 'nope' || images.some((image) => image.name === name));
}

function imagesIn(args: readonly string[]): string[] {
  return args.flatMap((word) => /\/lab\/([^:@]+)/.exec(word)?.[1] ?? []);
}

function configIn(args: readonly string[], folder: string): string | undefined {
  const file = args.find((word) => word.startsWith('config/') && existsSync(join(folder, word)));
  return file === undefined ? undefined : readFileSync(join(folder, file), 'utf8');
}

/** As they lay when it was recorded: `config/main.yaml` is the recorded service's own. */
function layOutConfigs({ corpus }: SuiteContext, folder: string): void {
  mkdirSync(join(folder, 'config'));
  cpSync(join(corpus, 'golden', 'config'), join(folder, 'config'), { recursive: true });
  copyFileSync(join(corpus, 'clair.yaml'), join(folder, 'config', 'main.yaml'));
}

function read(folder: string, file: string): string {
  return readFileSync(join(folder, file), 'utf8').replaceAll('[.]', '.');
}
