/** `clairctl import-updaters`: an export of Clair's or ours becomes the advisories at hand. */

import type { Command } from 'commander';
import type { Database } from '../../db/database.ts';
import { ecosystems } from '../../ecosystems/index.ts';
import { enrichers } from '../../enrichers/index.ts';
import { AppError } from '../../errors.ts';
import { counted } from '../../lib/counted.ts';
import { importOperations } from '../../matcher/offline/import-operations.ts';
import type { OperationResult } from '../../matcher/offline/import-options.ts';
import { commandWithEnvironment } from '../flags/flag-environment.ts';
import { EXIT } from '../policy/exit-code.ts';
import { openInput } from '../terminal/input-source.ts';
import { interruption } from '../terminal/interruption.ts';
import { packingOf } from '../terminal/output-file.ts';
import { createProgress, type Progress } from '../terminal/progress.ts';
import { writeText } from '../terminal/write-text.ts';
import { addDatabaseOptions, configOf, type DatabaseOptions } from './database-options.ts';
import { matcherDatabaseOf, openDatabase } from './open-database.ts';

interface Flags extends DatabaseOptions {
  readonly gzip: boolean;
  readonly zstd: boolean;
  readonly strict: boolean;
  readonly force: boolean;
  readonly quiet: boolean;
}

const HELP = `
Each operation in the file replaces the data of its feed, in its own transaction. An operation that
is already loaded (same fingerprint), or older than the loaded data, is skipped without --force.

Exit codes:
  0  success; records that cannot be read are reported
  1  the file is damaged, or an operation failed; with --strict also if a record cannot be read`;

/** The command. */
// differs: migrates the database, reads `range`, continues after an operation that failed (clair-service.md#importing-feeds)
export function importUpdatersCommand(): Command {
  const command = commandWithEnvironment('import-updaters')
    .description('load advisories from a file, URL or stdin')
    .argument('<input>', 'file of export-updaters, FILE[.gz|.zst], HTTP(S) URL, or -')
    .option('-g, --gzip', 'input is compressed with gzip (default: detected)', false)
    .option('-z, --zstd', 'input is compressed with zstd', false)
    .option('--strict', 'import all operations or none', false)
    .option('--force', 'import even if the loaded data is newer or the same', false)
    .option('-q, --quiet', 'print only errors to stderr', false)
    .addHelpText('after', HELP);
  return addDatabaseOptions(command).action(async (input: string, flags: Flags) => {
    const progress = createProgress(process.stderr, flags.quiet);
    using interrupted = interruption('interrupted: operations that were already imported stay');
    const config = await configOf(flags);
    await using opened = await openDatabase(matcherDatabaseOf(flags, config), progress.show);
    if (!flags.quiet) progress.note(`database: ${opened.name}`);
    await using source = await openInput(
      input,
      flags.gzip || flags.zstd ? packingOf(undefined, flags) : undefined,
      interrupted.signal,
    );
    await importUpdates(opened.db, source.chunks, {
      ...flags,
      name: input === '-' ? 'stdin' : input,
      progress,
      signal: interrupted.signal,
    });
  });
}

/** How an export of updaters is imported. */
export interface ImportUpdates {
  /** What messages call the file. */
  readonly name: string;
  readonly strict: boolean;
  readonly force: boolean;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Imports an export of updaters, tells what became of it, and sets the exit code. */
export async function importUpdates(
  db: Database,
  chunks: AsyncIterable<Uint8Array>,
  options: ImportUpdates,
): Promise<void> {
  const { progress, strict } = options;
  try {
    const parts = { db, ecosystems, enrichers, now: () => new Date() };
    const onResult = (result: OperationResult): void => tell(result, progress);
    const results = await importOperations(parts, chunks, { ...options, onResult });
    progress.clear();
    await writeText(summary(results));
    if (results.some(({ state }) => state === 'failed')) process.exitCode = EXIT.error;
  } catch (error) {
    progress.clear();
    if (!(error instanceof AppError) || !strict) throw error;
    throw new AppError(error.code, `${error.message} (--strict: nothing was imported)`, { cause: error });
  }
}

function tell(
  { updater, state, rows, problems, firstProblem, error }: OperationResult,
  progress: Progress,
): void {
  if (state === 'failed') progress.note(`${updater}: ${error}`);
  else if (state === 'older')
    progress.note(`${updater}: skipped: the loaded data is newer (override with --force)`);
  else if (problems > 0)
    progress.note(`${updater}: ${counted(problems, 'record')} could not be read, the first: ${firstProblem}`);
  else progress.show(`${updater}: ${counted(rows, 'record')}`);
}

function summary(results: readonly OperationResult[]): string {
  const count = (state: OperationResult['state']): number =>
    results.filter((result) => result.state === state).length;
  const rows = results.reduce((sum, { state, rows }) => sum + (state === 'imported' ? rows : 0), 0);
  return (
    `${counted(count('imported'), 'feed')} imported (${counted(rows, 'record')}), ${count('unchanged')} already loaded, ` +
    `${count('older')} older than the loaded data, ${count('unread')} not supported, ${count('failed')} failed\n`
  );
}
