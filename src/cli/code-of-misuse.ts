/** The exit code of a command line that commander ends: by a help, a version or a complaint. */
import type { CommanderError } from 'commander';
import { EXIT } from './policy/exit-code.ts';

/** As Clair's, for a word that can only be meant for it. */
const UNKNOWN_COMMAND = 3;

/**
 * A mistyped `scan` must not end with the code of an incomplete one, which pipelines allow. Only a word of `argv` that stands
 * alone and is like no command gets Clair's code.
 */
// differs: an unknown command with arguments, or one that is like another, is exit code 1 (clair-service.md#global-options)
export function codeOfMisuse(
  { code, exitCode, message }: CommanderError,
  argv: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): number {
  if (exitCode === 0) return EXIT.ok;
  const isAlone = argv.filter((word) => !word.startsWith('-')).length === 1;
  const isMistyped = !isAlone || message.includes('Did you mean') || env.CLAIR_TARGET;
  return code === 'commander.unknownCommand' && !isMistyped ? UNKNOWN_COMMAND : EXIT.error;
}
