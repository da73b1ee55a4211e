/** `clairctl`: the command line. A command a file, in cli/. */
import { Command, CommanderError } from 'commander';
import { dbCommand } from './cli/db-command.ts';
import { EXIT } from './cli/exit-code.ts';
import { exportUpdatersCommand } from './cli/export-updaters.ts';
import { importUpdatersCommand } from './cli/import-updaters.ts';
import { printableLines } from './cli/printable.ts';
import { scanCommand } from './cli/scan-command.ts';
import { surviveClosedPipes } from './cli/write-text.ts';
import { AppError, messageOf } from './errors.ts';

const program = new Command('clairctl')
  .description('Finds known vulnerabilities in container images.')
  .showHelpAfterError('(clairctl --help shows the commands and flags)')
  .exitOverride()
  .addCommand(scanCommand())
  .addCommand(dbCommand())
  .addCommand(exportUpdatersCommand())
  .addCommand(importUpdatersCommand());

surviveClosedPipes();
try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = EXIT.error;
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.error; // commander has printed its message
  } else if (error instanceof AppError) {
    process.stderr.write(`clairctl: ${printableLines(error.message)}\n`);
  } else {
    // A bug: the trace is what a report of it needs, but only where asked for.
    process.stderr.write(`clairctl: internal error: ${printableLines(messageOf(error))}\n`);
    if (process.env.CLAIR_DEBUG) process.stderr.write(`${error instanceof Error ? error.stack : ''}\n`);
    else process.stderr.write('Set CLAIR_DEBUG=1 to see where.\n');
  }
}
