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
Prints one JSON document per line, in the order of the arguments, as accepted by
POST /indexer/api/v1/index_report. Layer URLs can expire within minutes. Their headers can contain
registry tokens: treat the output as a secret.

Exit codes:
  0  all manifests are printed
  1  at least one manifest is missing; the others are printed

Example:
  clairctl manifest debian:12 | curl -d @- http://clair:6060/indexer/api/v1/index_report`;

/** A query that signs, as object stores write it. */
const SIGNED = /[?&](?:x-amz-signature|x-goog-signature|signature|sig|token|verify)=/i;

/** The command. */
// differs: a line each, in the order of the arguments; a failure does not take the others with it (clair-service.md#printing-manifests)
export function manifestCommand(): Command {
  const command = commandWithEnvironment('manifest')
    .description('print the manifest of an image that Clair indexes')
    .argument('<container...>', 'image references')
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
    if (hasSecrets) progress.note('warning: the layer URLs or headers above grant access to the image');
  });
}

/** As Clair writes it. */
function manifestJson({ hash, layers }: Manifest): string {
  return JSON.stringify({ hash, layers: layers.map(({ hash, uri, headers }) => ({ hash, uri, headers })) });
}

function isSecret({ layers }: Manifest): boolean {
  return layers.some(({ uri, headers }) => Object.keys(headers).length > 0 || SIGNED.test(uri));
}
