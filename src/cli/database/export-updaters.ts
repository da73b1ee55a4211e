/** `clairctl export-updaters`: what all feeds say now, in a file that Clair and we import. */

import type { Command } from 'commander';
import { ecosystems } from '../../ecosystems/index.ts';
import { enrichers } from '../../enrichers/index.ts';
import { AppError } from '../../errors.ts';
import { counted } from '../../lib/counted.ts';
import { createHttpClient } from '../../lib/http-client.ts';
import { exportDatabase } from '../../matcher/offline/export-database.ts';
import { type ExportResult, exportFeeds } from '../../matcher/offline/export-feeds.ts';
import { commandWithEnvironment } from '../flags/flag-environment.ts';
import { EXIT } from '../policy/exit-code.ts';
import { interruption } from '../terminal/interruption.ts';
import { openOutput, packingOf } from '../terminal/output-file.ts';
import { createProgress, type Progress } from '../terminal/progress.ts';
import { addDatabaseOptions, configOf, type DatabaseOptions } from './database-options.ts';
import { matcherDatabaseOf, openDatabase } from './open-database.ts';

interface Flags extends DatabaseOptions {
  readonly gzip: boolean;
  readonly zstd: boolean;
  readonly strict: boolean;
  readonly fromDatabase: boolean;
  readonly quiet: boolean;
}

const HELP = `
Exports the feeds that updaters.sets and updaters.config select; without --config, all feeds. The
output file is replaced when the export has finished: a failed export keeps the previous file.

Exit codes:
  0  written; failed feeds are reported and omitted
  1  not written; with --strict also if a feed failed`;

/** The command. */
// differs: the file is replaced when it is complete, and a failed export keeps the previous one (clair-service.md#exporting-feeds)
export function exportUpdatersCommand(): Command {
  const command = commandWithEnvironment('export-updaters')
    .description('export all feeds to a file')
    .argument('[output]', 'output file, FILE[.gz|.zst] (default: stdout)')
    .option('-g, --gzip', 'compress with gzip', false)
    .option('-z, --zstd', 'compress with zstd', false)
    .option('--strict', 'fail if any feed fails', false)
    .option('--from-database', 'export the database without fetching feeds', false)
    .option('-q, --quiet', 'print only errors to stderr', false)
    .addHelpText('after', HELP);
  return addDatabaseOptions(command).action(async (file: string | undefined, flags: Flags) => {
    const progress = createProgress(process.stderr, flags.quiet);
    using interrupted = interruption('interrupted: no file was written');
    const { signal } = interrupted;
    const config = await configOf(flags);
    const sets = config.updaters.sets ?? undefined;
    await using output = await openOutput(file, packingOf(file, flags));
    let results: readonly ExportResult[];
    if (flags.fromDatabase) {
      await using opened = await openDatabase(matcherDatabaseOf(flags, config), progress.show);
      results = await exportDatabase(opened.db, ecosystems, output.write, { sets, signal });
      if (results.length === 0)
        throw new AppError('feed', 'no advisory feeds loaded. Run "clairctl db update" first');
    } else {
      await using http = createHttpClient();
      results = await exportFeeds({ ecosystems, enrichers, http, now: () => new Date() }, output.write, {
        sets,
        config: config.updaters.config as Record<string, unknown>,
        signal,
        onResult: ({ name, records }) => progress.show(`${name}: ${counted(records, 'record')}`),
      });
    }
    progress.clear();
    const failed = results.filter(({ error }) => error !== undefined);
    tell(results, progress);
    if (flags.strict && failed.length > 0)
      throw new AppError('feed', `${counted(failed.length, 'feed')} failed (--strict: no file was written)`);
    await output.finish();
    const records = results.reduce((sum, result) => sum + result.records, 0);
    progress.note(
      `${counted(results.length - failed.length, 'feed')}, ${counted(records, 'record')}; ${counted(failed.length, 'feed')} failed`,
    );
    process.exitCode = EXIT.ok;
  });
}

function tell(results: readonly ExportResult[], progress: Progress): void {
  for (const { name, error, problems, firstProblem } of results) {
    if (error !== undefined) progress.note(`feed ${name} failed: ${error}`);
    else if (problems > 0)
      progress.note(
        `feed ${name}: ${counted(problems, 'record')} omitted${firstProblem ? `, the first: ${firstProblem.where}: ${firstProblem.reason}` : ''}`,
      );
  }
  const unsaid = results.reduce((sum, result) => sum + result.unsaid, 0);
  if (unsaid > 0)
    progress.note(`${unsaid} "not affected" statements omitted: the format cannot express them`);
}
