/** `clairctl export-updaters`: what all feeds say now, in a file that Clair and we import. */
import type { Command } from 'commander';
import { ecosystems } from '../../ecosystems/index.ts';
import { enrichers } from '../../enrichers/index.ts';
import { AppError } from '../../errors.ts';
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
The feeds are those of updaters.sets and updaters.config; without --config all there are. The file
appears under its name when it is whole: an export that fails leaves an older one as it is.

Exit codes
  0  written; feeds that failed are told and left out
  1  not written; with --strict also if a feed failed`;

/** The command. */
// differs: the file is there when it is whole, and an older one stays if that fails (clair-service.md#exporting-feeds)
export function exportUpdatersCommand(): Command {
  const command = commandWithEnvironment('export-updaters')
    .description('run updaters and export results')
    .argument('[output]', 'out[.gz|.zst]; stdout without it')
    .option('-g, --gzip', 'pack with gzip', false)
    .option('-z, --zstd', 'pack with zstd', false)
    .option('--strict', 'fail if a feed fails', false)
    .option('--from-database', 'write what the database holds; nothing is fetched', false)
    .option('-q, --quiet', 'nothing on stderr but errors', false)
    .addHelpText('after', HELP);
  return addDatabaseOptions(command).action(async (file: string | undefined, flags: Flags) => {
    const progress = createProgress(process.stderr, flags.quiet);
    using interrupted = interruption('interrupted; nothing was written');
    const { signal } = interrupted;
    const config = await configOf(flags);
    const sets = config.updaters.sets ?? undefined;
    await using output = await openOutput(file, packingOf(file, flags));
    let results: readonly ExportResult[];
    if (flags.fromDatabase) {
      await using opened = await openDatabase(matcherDatabaseOf(flags, config), progress.show);
      results = await exportDatabase(opened.db, ecosystems, output.write, { sets, signal });
      if (results.length === 0)
        throw new AppError('feed', 'the database holds no feed: run "clairctl db update" first');
    } else {
      await using http = createHttpClient();
      results = await exportFeeds({ ecosystems, enrichers, http, now: () => new Date() }, output.write, {
        sets,
        config: config.updaters.config as Record<string, unknown>,
        signal,
        onResult: ({ name, records }) => progress.show(`${name}: ${records} records`),
      });
    }
    progress.clear();
    const failed = results.filter(({ error }) => error !== undefined);
    tell(results, progress);
    if (flags.strict && failed.length > 0)
      throw new AppError('feed', `${failed.length} feeds failed (--strict: nothing was written)`);
    await output.finish();
    const records = results.reduce((sum, result) => sum + result.records, 0);
    progress.note(
      `${results.length - failed.length} feeds, ${records} records; ${failed.length} feeds failed`,
    );
    process.exitCode = EXIT.ok;
  });
}

function tell(results: readonly ExportResult[], progress: Progress): void {
  for (const { name, error, problems, firstProblem } of results) {
    if (error !== undefined) progress.note(`feed ${name} failed: ${error}`);
    else if (problems > 0)
      progress.note(
        `feed ${name}: ${problems} records left out${firstProblem ? `, the first: ${firstProblem.where}: ${firstProblem.reason}` : ''}`,
      );
  }
  const unsaid = results.reduce((sum, result) => sum + result.unsaid, 0);
  if (unsaid > 0)
    progress.note(
      `${unsaid} assertions that something is not affected are left out: the format has no words for them`,
    );
}
