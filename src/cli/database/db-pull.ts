/** `clairctl db pull`: loads a published database. */
import type { Command } from 'commander';
import { ecosystems } from '../../ecosystems/index.ts';
import { enrichers } from '../../enrichers/index.ts';
import { AppError } from '../../errors.ts';
import { pullDatabase } from '../../matcher/published/pull.ts';
import type { FeedResult } from '../../matcher/updating/update-feeds.ts';
import { commandWithEnvironment } from '../flags/flag-environment.ts';
import { addRegistryOptions, type RegistryFlagValues, registryFlagsOf } from '../flags/registry-options.ts';
import { formatAge } from '../formats/format-table.ts';
import { EXIT } from '../policy/exit-code.ts';
import { interruption } from '../terminal/interruption.ts';
import { type ProgressFlags, progressOf, progressOption } from '../terminal/progress-option.ts';
import { writeText } from '../terminal/write-text.ts';
import { addDatabaseOptions, type DatabaseOptions } from './database-options.ts';
import { openMatcher } from './open-matcher.ts';
import {
  addPublishedOptions,
  openPublishedDatabase,
  type PublishedFlags,
  publishedSettings,
} from './published-options.ts';
import { pullMeter } from './pull-meter.ts';

type Flags = DatabaseOptions &
  PublishedFlags &
  RegistryFlagValues &
  ProgressFlags & { readonly set?: readonly string[] };

const HELP = `
Only what changed since the last pull is fetched, and only rows that changed are written: history is
kept, and notifications follow as from any update. What is newer here stays.

Exit codes
  0  all of it is here now
  1  it could not be fetched or used, or a feed of it could not be loaded: what was loaded stays`;

/** The command. */
export function dbPullCommand(): Command {
  const command = commandWithEnvironment('pull')
    .description('load a published database: all of it that is newer than what is here')
    .argument('[repository]', 'in place of --db-repository')
    .addOption(progressOption())
    .option('-q, --quiet', 'print only errors to stderr', false)
    .addHelpText('after', HELP);
  addRegistryOptions(addPublishedOptions(command));
  return addDatabaseOptions(command).action(async (repository: string | undefined, flags: Flags) => {
    const progress = progressOf(flags);
    using interrupted = interruption('interrupted: feeds that were already updated stay updated');
    const { signal } = interrupted;
    await using opened = await openMatcher(flags, progress);
    const settings = await publishedSettings(
      { ...flags, ...(repository !== undefined && { dbRepository: repository }) },
      opened.config,
    );
    if (settings.repositories.length === 0)
      throw new AppError('bad-target', 'no published database is known: name one, or set --db-repository');
    progress.show('database: asking for its manifest');
    const registry = await registryFlagsOf(flags);
    await using database = await openPublishedDatabase({
      ...settings,
      registry,
      signal,
      note: progress.note,
    });
    const tooOld = ageWarning(database.created, settings.maxAge);
    if (tooOld !== undefined) progress.note(`warning: ${tooOld}`);
    const parts = { db: opened.db, ecosystems, enrichers, now: () => new Date() };
    const results = await pullDatabase(parts, database, {
      signal,
      config: opened.config.updaters.config,
      onProgress: pullMeter(progress),
    });
    progress.clear();
    for (const { name, error } of results.filter(({ state }) => state === 'failed'))
      progress.note(`feed ${name}: ${error ?? 'failed'}`);
    await writeText(
      `${database.place.name}@${database.digest}, advisories from ${database.config.created}\n${summary(results)}\n`,
    );
    if (results.some(({ state }) => state === 'failed')) process.exitCode = EXIT.error;
  });
}

/** What to say of a database that is older than it may be; undefined: it is not. */
export function ageWarning(created: Date, maxAge: number | undefined, now = Date.now()): string | undefined {
  const age = now - created.getTime();
  if (maxAge === undefined || age <= maxAge) return undefined;
  return `the published database is ${formatAge(age)} old: ask its publisher, or fetch the feeds with --update upstream`;
}

function summary(results: readonly FeedResult[]): string {
  const count = Object.groupBy(results, ({ state }) => state);
  const older = count.current?.length ?? 0;
  return [
    `${count.updated?.length ?? 0} feeds updated`,
    `${count.unchanged?.length ?? 0} unchanged`,
    `${count.failed?.length ?? 0} failed`,
    ...(older > 0 ? [`${older} older than what is here`] : []),
  ].join(', ');
}
