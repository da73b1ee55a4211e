/** `clairctl db build` and `db push`: what is loaded becomes a database that others pull. */
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { openLayout } from '../../artifact/layout.ts';
import { pushLayout } from '../../artifact/push-layout.ts';
import { readPrivateKey, signLayout } from '../../artifact/sign-layout.ts';
import { AppError } from '../../errors.ts';
import { counted } from '../../lib/counted.ts';
import { buildDatabase } from '../../matcher/published/build.ts';
import { DEFAULT_TAG } from '../../matcher/published/open-first.ts';
import { commandWithEnvironment } from '../flags/flag-environment.ts';
import { addRegistryOptions, type RegistryFlagValues, registryFlagsOf } from '../flags/registry-options.ts';
import { interruption } from '../terminal/interruption.ts';
import { createMeter } from '../terminal/meter.ts';
import type { Progress } from '../terminal/progress.ts';
import { type ProgressFlags, progressOf, progressOption } from '../terminal/progress-option.ts';
import { spoolDir } from '../terminal/spool-dir.ts';
import { writeText } from '../terminal/write-text.ts';
import { addDatabaseOptions, type DatabaseOptions } from './database-options.ts';
import { openMatcher } from './open-matcher.ts';

const PASSWORD = 'CLAIR_SIGN_PASSWORD';

interface BuildFlags extends DatabaseOptions, ProgressFlags {
  readonly tag: string;
  readonly signKey?: string;
}

/** `db build`. */
export function dbBuildCommand(): Command {
  const command = commandWithEnvironment('build')
    .description('write what is loaded to a directory (an OCI layout), to be pushed or served')
    .argument('<directory>', 'directory to write; unchanged parts of an existing one are kept')
    .addOption(tagOption())
    .addOption(signOption())
    .addOption(progressOption())
    .option('-q, --quiet', 'print only errors to stderr', false);
  return addDatabaseOptions(command).action(async (directory: string, flags: BuildFlags) => {
    const progress = progressOf(flags);
    using interrupted = interruption('interrupted; the directory has the database that it had');
    const built = await buildInto(directory, flags, { progress, signal: interrupted.signal });
    progress.clear();
    await writeText(`${built.digest}\n${built.summary}\n`);
  });
}

/** Builds what is loaded, signed if that is wanted. */
async function buildInto(
  directory: string,
  flags: BuildFlags,
  { progress, signal }: { readonly progress: Progress; readonly signal: AbortSignal },
): Promise<{ readonly digest: string; readonly summary: string }> {
  const key = flags.signKey && (await readPrivateKey(flags.signKey, process.env[PASSWORD]));
  await using opened = await openMatcher(flags, progress);
  const layout = await openLayout(directory);
  let layers = 0;
  const { digest, config } = await buildDatabase(opened.db, layout, {
    tag: flags.tag,
    signal,
    onLayer: ({ name, of }) => progress.show(`database: ${++layers} of ${of} layers (${name})`),
  });
  if (key) await signLayout(layout, digest, { key, repository: 'clair-database' });
  const size = config.layers.reduce((sum, layer) => sum + layer.size, 0);
  const summary = `${counted(config.layers.length, 'layer')}, ${(size / 1e6).toFixed(1)} MB, advisories from ${config.created}`;
  return { digest, summary };
}

const HELP = `
With one argument, the loaded advisories are built, signed with --sign-key, and pushed. With two,
the directory is pushed as it is. Sign it with "db build --sign-key".`;

/** `db push`. */
export function dbPushCommand(): Command {
  const command = commandWithEnvironment('push')
    .description('copy the advisory database, with its signature, into a registry')
    .usage('[options] [directory] <repository>')
    .argument('[directory]', 'that "db build" wrote (default: what is loaded)')
    .argument('[repository]', `registry.example.com/name[:tag]; the tag is ${DEFAULT_TAG} if there is none`)
    .addOption(tagOption())
    .addOption(signOption())
    .addOption(progressOption())
    .option('-q, --quiet', 'print only errors to stderr', false)
    .addHelpText('after', HELP);
  return addRegistryOptions(addDatabaseOptions(command)).action(
    async (first: string | undefined, second: string | undefined, flags: BuildFlags & RegistryFlagValues) => {
      const repository = second ?? first;
      if (repository === undefined)
        throw new AppError(
          'bad-target',
          'missing argument: the repository, such as registry.example.com/name',
        );
      if (second !== undefined && flags.signKey !== undefined)
        throw new AppError(
          'bad-target',
          'cannot sign a directory while it is pushed: use "db build --sign-key"',
        );
      const progress = progressOf(flags);
      using interrupted = interruption('interrupted; the repository has the database that it had');
      const { signal } = interrupted;
      const registry = await registryFlagsOf(flags);
      await using folder = second === undefined ? await temporaryFolder() : undefined;
      if (folder !== undefined) {
        const { summary } = await buildInto(folder.path, flags, { progress, signal });
        progress.note(summary);
      }
      const meter = createMeter('push', 'bytes');
      const digest = await pushLayout(folder?.path ?? first!, repository, {
        registry: { insecure: false, ...registry, env: process.env, signal },
        tag: flags.tag,
        onProgress: ({ bytes, of }) => progress.show(meter({ done: bytes, of })),
      });
      progress.clear();
      await writeText(`${digest}\n`);
    },
  );
}

async function temporaryFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(spoolDir(), 'clair-push-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

function tagOption(): Option {
  return new Option('--tag <tag>', 'what the database is called in the directory').default(DEFAULT_TAG);
}

function signOption(): Option {
  return new Option(
    '--sign-key <file>',
    `sign it as cosign does, with this private key (PEM, ECDSA P-256); ${PASSWORD} has its password`,
  );
}
