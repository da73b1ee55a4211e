/** `clairctl db`: the advisories at hand, and bringing them up to date. */
import { Command } from 'commander';
import type { FeedStatus } from '../matcher/store/feed-status.ts';
import { addDatabaseOptions, configOf, type DatabaseOptions } from './database-options.ts';
import { EXIT } from './exit-code.ts';
import { formatAge } from './format-table.ts';
import { interruption } from './interruption.ts';
import { openEngines } from './open-engines.ts';
import { printable } from './printable.ts';
import { createProgress } from './progress.ts';
import { updateFeeds } from './update-feeds.ts';
import { writeText } from './write-text.ts';

export function dbCommand(): Command {
  const update = addDatabaseOptions(
    new Command('update')
      .description('fetch what is new from every feed')
      .option('-q, --quiet', 'nothing on stderr but errors', false),
  ).action(async (flags: DatabaseOptions & { quiet: boolean }) => {
    const progress = createProgress(process.stderr, flags.quiet);
    using interrupted = interruption('interrupted; the feeds that were done stay');
    const config = await configOf(flags);
    await using engines = await openEngines(flags, progress.show);
    const results = await updateFeeds(engines.matcher, {
      config,
      policy: 'always',
      progress,
      signal: interrupted.signal,
    });
    progress.clear();
    const count = Object.groupBy(results ?? [], ({ state }) => state);
    await writeText(
      `${count.updated?.length ?? 0} feeds updated, ${count.unchanged?.length ?? 0} unchanged, ${count.failed?.length ?? 0} failed\n`,
    );
    if (count.failed !== undefined) process.exitCode = EXIT.error;
  });

  const status = addDatabaseOptions(
    new Command('status')
      .description('show each feed: its state, age, records and problems')
      .option('--json', 'as JSON', false),
  ).action(async (flags: DatabaseOptions & { json: boolean }) => {
    await using engines = await openEngines(flags, () => {});
    const feeds = await engines.matcher.feedStatus();
    await writeText(flags.json ? `${JSON.stringify(feeds)}\n` : statusTable(feeds, Date.now()));
  });

  return new Command('db').description('the database of advisories').addCommand(update).addCommand(status);
}

/** A line for each feed. */
export function statusTable(feeds: readonly FeedStatus[], now: number): string {
  if (feeds.length === 0) return 'No feed was ever asked: run "clairctl db update".\n';
  const rows = feeds.map((feed) => [
    feed.name,
    feed.state,
    feed.lastSuccess === undefined ? 'never' : `${formatAge(now - feed.lastSuccess.getTime())} ago`,
    String(feed.rows),
    String(feed.problemCount),
    printable(feed.lastError ?? ''),
  ]);
  const all = [['FEED', 'STATE', 'LAST SUCCESS', 'RECORDS', 'PROBLEMS', ''], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  return all
    .map((row) =>
      row
        .map((cell, column) => (column === 5 ? cell : cell.padEnd(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}
