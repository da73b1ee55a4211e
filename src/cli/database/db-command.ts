/** `clairctl db`: the advisories at hand, and bringing them up to date. */
import type { Command } from 'commander';
import { AppError } from '../../errors.ts';
import { feedStatusToWire } from '../../matcher/feed-status-wire.ts';
import type { FeedStatus } from '../../matcher/store/feed-status.ts';
import { updaterWarnings } from '../../matcher/updater-warnings.ts';
import { commandWithEnvironment } from '../flags/flag-environment.ts';
import { formatAge } from '../formats/format-table.ts';
import { EXIT } from '../policy/exit-code.ts';
import { interruption } from '../terminal/interruption.ts';
import { printable } from '../terminal/printable.ts';
import { createProgress } from '../terminal/progress.ts';
import { writeText } from '../terminal/write-text.ts';
import { addDatabaseOptions, configOf, type DatabaseOptions } from './database-options.ts';
import { dbExportCommand, dbImportCommand } from './db-bundle.ts';
import { openEngines } from './open-engines.ts';
import { updateFeeds } from './update-feeds.ts';

export function dbCommand(): Command {
  const update = addDatabaseOptions(
    commandWithEnvironment('update')
      .description('fetch what is new from every feed')
      .option('--set <name>', 'only this set of feeds or enricher; may be given several times', append)
      .option('-q, --quiet', 'nothing on stderr but errors', false),
  ).action(async (flags: DatabaseOptions & { set?: string[]; quiet: boolean }) => {
    const { set = [] } = flags;
    const progress = createProgress(process.stderr, flags.quiet);
    using interrupted = interruption('interrupted; the feeds that were done stay');
    const config = await configOf(flags);
    await using engines = await openEngines(flags, progress.show);
    const known = engines.matcher.knownSets();
    checkSets(set, known, config.updaters.sets ?? known);
    for (const warning of updaterWarnings(config.updaters, known)) progress.note(warning);
    const results = await updateFeeds(engines.matcher, {
      config,
      ...(set.length > 0 && { only: set }),
      policy: 'always',
      progress,
      signal: interrupted.signal,
    });
    progress.clear();
    const count = Object.groupBy(results ?? [], ({ state }) => state);
    await writeText(
      `${count.updated?.length ?? 0} feeds updated, ${count.unchanged?.length ?? 0} unchanged, ${count.failed?.length ?? 0} failed\n`,
    );
    if (count.busy !== undefined) {
      const names = count.busy.map(({ name }) => name).join(', ');
      progress.note(`left alone, as another process is updating them: ${names}`);
    }
    if (count.failed !== undefined) process.exitCode = EXIT.error;
  });

  const status = addDatabaseOptions(
    commandWithEnvironment('status')
      .description('show each feed: its state, age, records and problems')
      .option('--json', 'as JSON', false),
  ).action(async (flags: DatabaseOptions & { json: boolean }) => {
    const config = await configOf(flags);
    await using engines = await openEngines(flags, () => {});
    const feeds = await engines.matcher.feedStatus();
    const warnings = updaterWarnings(config.updaters, engines.matcher.knownSets());
    const text = flags.json
      ? `${JSON.stringify({ warnings, feeds: feeds.map(feedStatusToWire) })}\n`
      : statusTable(feeds, Date.now(), warnings);
    await writeText(text);
  });

  return commandWithEnvironment('db')
    .description('the database of advisories')
    .addCommand(update)
    .addCommand(status)
    .addCommand(dbExportCommand())
    .addCommand(dbImportCommand());
}

const append = (value: string, list: readonly string[] = []): string[] => [...list, value];

function checkSets(wanted: readonly string[], known: readonly string[], configured: readonly string[]): void {
  for (const set of wanted) {
    if (!known.includes(set))
      throw new AppError('bad-target', `there is no set "${set}"; there are: ${known.join(' ')}`);
    if (!configured.includes(set))
      throw new AppError('bad-target', `set "${set}" is switched off by updaters.sets of the configuration`);
  }
}

/** Cells are padded, but for the last one. */
const HEAD = ['FEED', 'STATE', 'LAST SUCCESS', 'RECORDS', 'PROBLEMS', 'NEXT TRY', ''];

/** A line for each feed, then the warnings. */
export function statusTable(
  feeds: readonly FeedStatus[],
  now: number,
  warnings: readonly string[] = [],
): string {
  const told = warnings.map((warning) => `warning: ${printable(warning)}\n`).join('');
  if (feeds.length === 0) return `No feed was ever asked: run "clairctl db update".\n${told}`;
  const rows = feeds.map((feed) => [
    feed.name,
    feed.state,
    feed.lastSuccess === undefined ? 'never' : `${formatAge(now - feed.lastSuccess.getTime())} ago`,
    String(feed.rows),
    String(feed.problemCount),
    nextTryOf(feed, now),
    printable(remarkOf(feed)),
  ]);
  const all = [HEAD, ...rows];
  const widths = HEAD.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const lines = all.map((row) =>
    row
      .map((cell, column) => (column === HEAD.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n${told}`;
}

function nextTryOf({ nextTry, vanishedAt }: FeedStatus, now: number): string {
  if (vanishedAt !== undefined) return 'never';
  const wait = (nextTry?.getTime() ?? 0) - now;
  return wait <= 0 ? 'now' : `in ${formatAge(wait)}`;
}

function remarkOf({ vanishedAt, lastError, problems: [first] }: FeedStatus): string {
  if (vanishedAt !== undefined) {
    return `not listed any more since ${vanishedAt.toISOString()}: upstream or the configuration lacks it; its data stays`;
  }
  if (lastError !== undefined) return lastError;
  return first === undefined ? '' : `first problem: ${first.where}: ${first.reason}`.slice(0, 120);
}
