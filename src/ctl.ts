/** `clairctl`: the command line. A command a file, in cli/. */
import { CommanderError } from 'commander';
import { readClairArguments } from './cli/clair-argv.ts';
import { codeOfMisuse } from './cli/code-of-misuse.ts';
import { COMMAND_NAMES } from './cli/commands.ts';
import { readForeignWords } from './cli/foreign/read-words.ts';
import { EXIT } from './cli/policy/exit-code.ts';
import { createProgram } from './cli/program.ts';
import { printableLines } from './cli/terminal/printable.ts';
import { surviveClosedPipes } from './cli/terminal/write-text.ts';
import { AppError, messageOf } from './errors.ts';
import { tellLastWords } from './lib/last-words.ts';

surviveClosedPipes();
tellLastWords(({ reason, causes }) => tellBug(reason, causes.join('\n')));
try {
  const argv = readForeignWords(readClairArguments(process.argv.slice(2)), COMMAND_NAMES);
  const program = await createProgram(argv);
  if (argv.length === 0) program.outputHelp();
  else await program.parseAsync(argv, { from: 'user' });
} catch (error) {
  process.exitCode = EXIT.error;
  if (error instanceof CommanderError) {
    // Commander has printed its message.
    process.exitCode = codeOfMisuse(error, process.argv.slice(2));
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
