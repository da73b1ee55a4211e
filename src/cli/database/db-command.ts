/** `clairctl db`: the advisories at hand, and bringing them up to date. */

import type { Command } from 'commander';
import { AppError } from '../../errors.ts';
import { counted } from '../../lib/counted.ts';
import type { FeedStatus } from '../../matcher/store/feed-status.ts';
import { feedStatusToWire } from '../../matcher/updating/feed-status-wire.ts';
import { updaterWarnings } from '../../matcher/updating/updater-warnings.ts';
import { commandWithEnvironment } from '../flags/flag-environment.ts';
import { formatAge } from '../formats/format-table.ts';
import { EXIT } from '../policy/exit-code.ts';
import { interruption } from '../terminal/interruption.ts';
import { printable } from '../terminal/printable.ts';
import { createProgress } from '../terminal/progress.ts';
import { type ProgressFlags, progressOf, progressOption } from '../terminal/progress-option.ts';
import { writeText } from '../terminal/write-text.ts';
import { addDatabaseOptions, type DatabaseOptions } from './database-options.ts';
import { dbBuildCommand, dbPushCommand } from './db-build.ts';
import { dbExportCommand, dbImportCommand } from './db-bundle.ts';
import { dbPullCommand } from './db-pull.ts';
import { openMatcher } from './open-matcher.ts';
import { updateFeeds } from './update-feeds.ts';

export function dbCommand(): Command {
  const update = addDatabaseOptions(
    commandWithEnvironment('update')
      .description('update all advisory feeds')
      .option('--set <name>', 'update only this feed set or enricher; repeatable', append)
      .addOption(progressOption())
      .option('-q, --quiet', 'print only errors to stderr', false),
  ).action(async (flags: DatabaseOptions & ProgressFlags & { set?: string[] }) => {
    const { set = [] } = flags;
    const progress = progressOf(flags);
    using interrupted = interruption('interrupted: feeds that were already updated stay updated');
    await using opened = await openMatcher(flags, progress);
    const { matcher, config } = opened;
    const known = matcher.knownSets();
    checkSets(set, known, config.updaters.sets ?? known);
    for (const warning of updaterWarnings(config.updaters, known)) progress.note(warning);
    const results = await updateFeeds(matcher, {
      config,
      ...(set.length > 0 && { only: set }),
      policy: 'always',
      progress,
      signal: interrupted.signal,
    });
    progress.clear();
    const count = Object.groupBy(results ?? [], ({ state }) => state);
    await writeText(
      `${counted(count.updated?.length ?? 0, 'feed')} updated, ${count.unchanged?.length ?? 0} unchanged, ${count.failed?.length ?? 0} failed${count.failed ? '. See "clairctl db status"' : ''}\n`,
    );
    if (count.busy !== undefined) {
      const names = count.busy.map(({ name }) => name).join(', ');
      progress.note(`skipped, because another process is updating them: ${names}`);
    }
    if (count.failed !== undefined) process.exitCode = EXIT.error;
  });

  const status = addDatabaseOptions(
    commandWithEnvironment('status')
      .description('show the state, age, advisories and problems of each feed')
      .option('--json', 'as JSON', false),
  ).action(async (flags: DatabaseOptions & { json: boolean }) => {
    await using opened = await openMatcher(flags, createProgress(process.stderr, flags.json, false));
    const { matcher, config } = opened;
    const feeds = await matcher.feedStatus();
    const warnings = updaterWarnings(config.updaters, matcher.knownSets());
    const text = flags.json
      ? `${JSON.stringify({ warnings, feeds: feeds.map(feedStatusToWire) })}\n`
      : statusTable(feeds, Date.now(), warnings);
    await writeText(text);
  });

  return commandWithEnvironment('db')
    .description('update, inspect, export or import the advisory database')
    .addCommand(update)
    .addCommand(status)
    .addCommand(dbExportCommand())
    .addCommand(dbImportCommand())
    .addCommand(dbBuildCommand())
    .addCommand(dbPushCommand())
    .addCommand(dbPullCommand());
}

const append = (value: string, list: readonly string[] = []): string[] => [...list, value];

function checkSets(wanted: readonly string[], known: readonly string[], configured: readonly string[]): void {
  for (const set of wanted) {
    if (!known.includes(set))
      throw new AppError('bad-target', `unknown feed set "${set}". Available: ${known.join(', ')}`);
    if (!configured.includes(set))
      throw new AppError('bad-target', `feed set "${set}" is disabled by updaters.sets in the configuration`);
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
  if (feeds.length === 0) return `No advisory feeds loaded. Run "clairctl db update".\n${told}`;
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
    return `no longer listed since ${vanishedAt.toISOString()} (upstream or configuration); its data stays in use`;
  }
  if (lastError !== undefined) return lastError;
  return first === undefined ? '' : `first problem: ${first.where}: ${first.reason}`.slice(0, 120);
}
