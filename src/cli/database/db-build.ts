/** `clairctl db build` and `db push`: what is loaded becomes a database that others pull. */
import { type Command, Option } from 'commander';
import { openLayout } from '../../artifact/layout.ts';
import { pushLayout } from '../../artifact/push-layout.ts';
import { readPrivateKey, signLayout } from '../../artifact/sign-layout.ts';
import { counted } from '../../lib/counted.ts';
import { buildDatabase } from '../../matcher/published/build.ts';
import { DEFAULT_TAG } from '../../matcher/published/open-first.ts';
import { commandWithEnvironment } from '../flags/flag-environment.ts';
import { addRegistryOptions, type RegistryFlagValues, registryFlagsOf } from '../flags/registry-options.ts';
import { interruption } from '../terminal/interruption.ts';
import { createMeter } from '../terminal/meter.ts';
import { type ProgressFlags, progressOf, progressOption } from '../terminal/progress-option.ts';
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
    .addOption(
      new Option(
        '--sign-key <file>',
        `sign it as cosign does, with this private key (PEM, ECDSA P-256); ${PASSWORD} has its password`,
      ),
    )
    .addOption(progressOption())
    .option('-q, --quiet', 'print only errors to stderr', false);
  return addDatabaseOptions(command).action(async (directory: string, flags: BuildFlags) => {
    const progress = progressOf(flags);
    using interrupted = interruption('interrupted; the directory has the database that it had');
    const key = flags.signKey && (await readPrivateKey(flags.signKey, process.env[PASSWORD]));
    await using opened = await openMatcher(flags, progress);
    const layout = await openLayout(directory);
    let layers = 0;
    const { digest, config } = await buildDatabase(opened.db, layout, {
      tag: flags.tag,
      signal: interrupted.signal,
      onLayer: ({ name, of }) => progress.show(`database: ${++layers} of ${of} layers (${name})`),
    });
    if (key) await signLayout(layout, digest, { key, repository: 'clair-database' });
    progress.clear();
    const size = config.layers.reduce((sum, layer) => sum + layer.size, 0);
    await writeText(
      `${digest}\n${counted(config.layers.length, 'layer')}, ${(size / 1e6).toFixed(1)} MB, advisories from ${config.created}\n`,
    );
  });
}

interface PushFlags extends RegistryFlagValues, ProgressFlags {
  readonly tag: string;
}

/** `db push`. */
export function dbPushCommand(): Command {
  const command = commandWithEnvironment('push')
    .description('copy a database that "db build" wrote, with its signature, into a registry')
    .argument('<directory>')
    .argument('<repository>', `registry.example.com/name[:tag]; the tag is ${DEFAULT_TAG} if there is none`)
    .addOption(tagOption())
    .addOption(progressOption())
    .option('-q, --quiet', 'print only errors to stderr', false);
  return addRegistryOptions(command).action(
    async (directory: string, repository: string, flags: PushFlags) => {
      const progress = progressOf(flags);
      using interrupted = interruption('interrupted; the repository has the database that it had');
      const { signal } = interrupted;
      const meter = createMeter('push', 'bytes');
      const digest = await pushLayout(directory, repository, {
        registry: { insecure: false, ...(await registryFlagsOf(flags)), env: process.env, signal },
        tag: flags.tag,
        onProgress: ({ bytes, of }) => progress.show(meter({ done: bytes, of })),
      });
      progress.clear();
      await writeText(`${digest}\n`);
    },
  );
}

function tagOption(): Option {
  return new Option('--tag <tag>', 'what the database is called in the directory').default(DEFAULT_TAG);
}
