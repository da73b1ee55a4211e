/** `clairctl`: the command line. A command a file, in cli/. */
import { CommanderError } from 'commander';
import { readClairArguments } from './cli/clair-argv.ts';
import { EXIT } from './cli/policy/exit-code.ts';
import { createProgram } from './cli/program.ts';
import { printableLines } from './cli/terminal/printable.ts';
import { surviveClosedPipes } from './cli/terminal/write-text.ts';
import { AppError, messageOf } from './errors.ts';
import { tellLastWords } from './lib/last-words.ts';

/** As Clair's, for a word that can only be meant for it. */
const UNKNOWN_COMMAND = 3;

surviveClosedPipes();
tellLastWords(({ reason, causes }) => tellBug(reason, causes.join('\n')));
try {
  const argv = readClairArguments(process.argv.slice(2));
  const program = await createProgram(argv);
  if (argv.length === 0) program.outputHelp();
  else await program.parseAsync(argv, { from: 'user' });
} catch (error) {
  process.exitCode = EXIT.error;
  if (error instanceof CommanderError) {
    // Commander has printed its message.
    process.exitCode = error.exitCode === 0 ? EXIT.ok : codeOf(error);
  } else if (error instanceof AppError) {
    process.stderr.write(`clairctl: ${printableLines(error.message)}\n`);
  } else {
    tellBug(messageOf(error), error instanceof Error ? (error.stack ?? '') : '');
  }
}

/** The trace is what a report of a bug needs, but only where asked for. */
function tellBug(reason: string, trace: string): void {
  process.stderr.write(`clairctl: internal error: ${printableLines(reason)}\n`);
  process.stderr.write(process.env.CLAIR_DEBUG ? `${trace}\n` : 'Set CLAIR_DEBUG=1 to see where.\n');
}

/**
 * A mistyped `scan` must not end with the code of an incomplete one, which pipelines allow. Only a word that stands alone and
 * is like no command gets Clair's code.
 */
// differs: an unknown command with arguments, or one that is like another, is exit code 1 (clair-service.md#global-options)
function codeOf({ code, message }: CommanderError): number {
  const isAlone = process.argv.slice(2).filter((word) => !word.startsWith('-')).length === 1;
  const isMistyped = !isAlone || message.includes('Did you mean') || process.env.CLAIR_TARGET;
  return code === 'commander.unknownCommand' && !isMistyped ? UNKNOWN_COMMAND : EXIT.error;
}
