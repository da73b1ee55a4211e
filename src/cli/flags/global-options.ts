/** The options that may stand before the command, as Clair's `clairctl` has them, or with it. */
import { statSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { VERSION } from '../../lib/version.ts';

/** What Clair's commands take for their configuration if they are told of none. */
export const LOCAL_CONFIG = 'config.yaml';

/** Those of the program itself. */
export function addGlobalOptions(program: Command): Command {
  return addSharedOptions(program)
    .addOption(issuerOption())
    .version(`clairctl version ${VERSION}`, '-v, --version', 'print the version');
}

/** `--config`, `-D` and `-q` of a command; what stands before the command counts as given to it. */
export function addSharedOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '-c, --config <file>',
        `Clair configuration file; without it, ${LOCAL_CONFIG} if it exists`,
      ).env('CLAIR_CONF'),
    )
    .addOption(new Option('-D, --debug', 'print debug logs').default(false))
    .addOption(new Option('-q, --quiet', 'print only errors to stderr').default(false));
}

/** The name in the tokens that requests are signed with. */
export function issuerOption(): Option {
  return new Option('--issuer <name>', 'JWT issuer of signed requests').default('clairctl');
}

/** Whether there is a file, or something that can be read like one. */
export function isFile(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found !== undefined && !found.isDirectory();
}
