/** `clairctl manifest REF…`: what a Clair is sent to index an image (clair-service.md#printing-manifests). */
import type { Command } from 'commander';
import { AppError } from '../../errors.ts';
import type { Manifest } from '../../model/manifest.ts';
import { commandWithEnvironment } from '../flags/flag-environment.ts';
import { addSharedOptions } from '../flags/global-options.ts';
import { addRegistryOptions, type RegistryFlagValues, registryFlagsOf } from '../flags/registry-options.ts';
import { EXIT } from '../policy/exit-code.ts';
import { interruption } from '../terminal/interruption.ts';
import { createProgress } from '../terminal/progress.ts';
import { writeText } from '../terminal/write-text.ts';
import { platformOption } from './report-options.ts';

type Flags = RegistryFlagValues & {
  readonly platform?: string;
  readonly debug: boolean;
  readonly quiet: boolean;
};

const HELP = `
One JSON document a line, in the order of the arguments, as POST /indexer/api/v1/index_report takes
it. A layer's address may be good for minutes only; its headers hold what the registry gave for
reading it: a secret until then.

Exit codes
  0  all manifests are there
  1  one is not; the others are

Example
  clairctl manifest debian:12 | curl -d @- http://clair:6060/indexer/api/v1/index_report`;

/** A query that signs, as object stores write it. */
const SIGNED = /[?&](?:x-amz-signature|x-goog-signature|signature|sig|token|verify)=/i;

/** The command. */
// differs: a line each, in the order of the arguments; a failure does not take the others with it (clair-service.md#printing-manifests)
export function manifestCommand(): Command {
  const command = commandWithEnvironment('manifest')
    .description('print a clair manifest for the named container')
    .argument('<container...>', 'images in registries')
    .addOption(platformOption())
    .addHelpText('after', HELP);
  return addSharedOptions(addRegistryOptions(command)).action(async (references: string[], flags: Flags) => {
    const progress = createProgress(process.stderr, flags.quiet);
    using interrupted = interruption('interrupted');
    const { signal } = interrupted;
    const { debugLog } = await import('../terminal/debug-log.ts');
    const { manifestOf } = await import('./request-reports.ts');
    const log = debugLog(flags);
    const registry = await registryFlagsOf(flags);
    log.debug('manifest');
    let hasSecrets = false;
    for (const reference of references) {
      try {
        log.debug('fetching', { name: reference });
        const manifest = await manifestOf(reference, { ...flags, registry, signal });
        log.debug('found manifest', { ref: reference, digest: manifest.hash });
        log.debug('found layers', { ref: reference, count: manifest.layers.length });
        hasSecrets ||= isSecret(manifest);
        await writeText(`${manifestJson(manifest)}\n`);
        log.debug('ok', { name: reference });
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof AppError)) throw error;
        process.stderr.write(`clairctl: ${error.message}\n`);
        process.exitCode = EXIT.error;
      }
    }
    if (hasSecrets)
      progress.note('warning: headers or addresses of layers above let their holder read the image');
  });
}

/** As Clair writes it. */
export function manifestJson({ hash, layers }: Manifest): string {
  return JSON.stringify({ hash, layers: layers.map(({ hash, uri, headers }) => ({ hash, uri, headers })) });
}

function isSecret({ layers }: Manifest): boolean {
  return layers.some(({ uri, headers }) => Object.keys(headers).length > 0 || SIGNED.test(uri));
}
