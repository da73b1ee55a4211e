/** `clairctl delete DIGEST…`: a running Clair forgets manifests (clair-service.md#deleting-manifests). */
import type { Command } from 'commander';
import { parseDigest } from '../../model/digest.ts';
import { commandWithEnvironment } from '../flags/flag-environment.ts';
import { interruption } from '../terminal/interruption.ts';
import { createProgress } from '../terminal/progress.ts';
import { type ApiFlags, addApiOptions, serverConfigOf, signOf } from './api-options.ts';

const HELP = `
A manifest that Clair does not know is not an error.

Exit codes:
  0  Clair has none of the manifests
  1  Clair could not be reached, or a digest is malformed (then none is deleted)

Example:
  clairctl delete --host http://clair:6060/
     sha256:897796f0e41818255bbd95608580477321388907ee723a739285e8ef9d72a7bb`;

const PATIENCE = 60_000;

/** The command. */
export function deleteCommand(): Command {
  const command = commandWithEnvironment('delete')
    .description('delete index reports by manifest digest')
    .argument('<digest...>', 'manifest digests: sha256:… or sha512:…')
    .addHelpText('after', HELP);
  return addApiOptions(command).action(async (given: string[], flags: ApiFlags) => {
    const digests = given.map(parseDigest);
    const progress = createProgress(process.stderr, flags.quiet);
    using interrupted = interruption('interrupted');
    const { openApi } = await import('./clair-api.ts');
    await using api = openApi({
      host: flags.host,
      sign: signOf((await serverConfigOf(flags))?.auth, flags.issuer),
      patience: PATIENCE,
      signal: interrupted.signal,
      onWait: progress.show,
    });
    const deleted = await api.delete(digests);
    progress.clear();
    const { debugLog } = await import('../terminal/debug-log.ts');
    debugLog(flags).debug('deleted', { digests: deleted });
    const unknown = digests.filter((digest) => !deleted.includes(digest));
    for (const digest of new Set(unknown))
      progress.note(`not deleted, because it is unknown or being indexed: ${digest}`);
  });
}
