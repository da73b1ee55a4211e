/** `clairctl convert FILE`: a report that is there already, in other formats and by other filters. */
import type { Command } from 'commander';
import { commandWithEnvironment } from '../flags/flag-environment.ts';
import { addPolicyOptions, type PolicyOptions, verdictsOf } from '../policy/policy-options.ts';
import { createProgress } from '../terminal/progress.ts';
import { inputOf } from './convert-report.ts';
import { addOutputOptions, type OutputOptions, outputsOf } from './output-options.ts';
import { readReport } from './read-report.ts';
import { finish } from './scan.ts';
import { writeReports } from './write-reports.ts';

const HELP = `
FILE is a report of clairctl scan --format json or clair, or of the API of this Clair; - is stdin.
Suppressed findings stay suppressed. Hidden findings stay hidden and are counted. The exit codes
are those of scan.

Example:
  clairctl scan --format json=app.json app:1.0
  clairctl convert --format sarif=app.sarif,html=app.html --fail-on high app.json`;

export function convertCommand(): Command {
  const command = commandWithEnvironment('convert')
    .description('Write a saved report in other formats, with other filters.')
    .argument('<file>')
    .addHelpText('after', HELP);
  addPolicyOptions(command.optionsGroup('Gate, filters and exceptions:'));
  addOutputOptions(command.optionsGroup('Output:')).option(
    '-q, --quiet',
    'print only errors to stderr',
    false,
  );
  return command.action(async (path: string) => {
    const flags = command.opts<OutputOptions & PolicyOptions & { readonly quiet: boolean }>();
    const progress = createProgress(process.stderr, flags.quiet);
    const outputs = await outputsOf(flags);
    const read = await readReport(path, process.stdin);
    const given = await verdictsOf(flags, progress, new Date());
    const input = inputOf(read, given, outputs);
    await writeReports(outputs, input);
    process.exitCode = finish(input, given, progress);
  });
}
