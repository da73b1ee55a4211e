/** `clairctl import-updaters`: an export of Clair's or ours becomes the advisories at hand. */
import type { Command } from 'commander';
import type { Database } from '../../db/database.ts';
import { ecosystems } from '../../ecosystems/index.ts';
import { enrichers } from '../../enrichers/index.ts';
import { AppError } from '../../errors.ts';
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
Each operation in the file replaces the advisories of its feed, in a transaction of its own. One
that is here already (same fingerprint) or older than what is here is skipped, unless --force is
given.

Exit codes
  0  done; what could not be read of single records is told
  1  the file is broken, or an operation failed; with --strict also for a record that cannot be read`;

/** The command. */
// differs: migrates the database, reads `range`, goes on after an operation that failed (clair-service.md#importing-feeds)
export function importUpdatersCommand(): Command {
  const command = commandWithEnvironment('import-updaters')
    .description('import updates from a file, a URL or stdin')
    .argument('<input>', 'what export-updaters wrote: input[.gz|.zst], http(s) URL, or -')
    .option('-g, --gzip', 'it is packed with gzip (seen in its first bytes otherwise)', false)
    .option('-z, --zstd', 'it is packed with zstd', false)
    .option('--strict', 'all or nothing', false)
    .option('--force', 'also over newer data, and where it is here already', false)
    .option('-q, --quiet', 'nothing on stderr but errors', false)
    .addHelpText('after', HELP);
  return addDatabaseOptions(command).action(async (input: string, flags: Flags) => {
    const progress = createProgress(process.stderr, flags.quiet);
    using interrupted = interruption('interrupted; the operations that were done stay');
    const config = await configOf(flags);
    await using opened = await openDatabase(matcherDatabaseOf(flags, config), progress.show);
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
  else if (state === 'older') progress.note(`${updater}: skipped: what is here is newer (see --force)`);
  else if (problems > 0)
    progress.note(`${updater}: ${problems} records cannot be read, the first: ${firstProblem}`);
  else progress.show(`${updater}: ${rows} records`);
}

function summary(results: readonly OperationResult[]): string {
  const count = (state: OperationResult['state']): number =>
    results.filter((result) => result.state === state).length;
  const rows = results.reduce((sum, { state, rows }) => sum + (state === 'imported' ? rows : 0), 0);
  return (
    `${count('imported')} feeds imported (${rows} records), ${count('unchanged')} here already, ` +
    `${count('older')} older than what is here, ${count('unread')} of no use here, ${count('failed')} failed\n`
  );
}
