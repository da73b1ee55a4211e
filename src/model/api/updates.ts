/** What the matcher takes and gives of feeds. */
import { z } from 'zod';
import { listOf, mapOf, text, time, whole, yes } from './schema.ts';
import { Vulnerability } from './vulnerability-report.ts';

export const UpdateOperation = z.object({
  ref: text('Its name.', { format: 'uuid' }),
  updater: text('The feed.'),
  fingerprint: text('Of what was fetched.'),
  date: text('When.', { format: 'date-time' }),
  kind: text<''>('Always empty.'),
});

export const UpdateOperations = mapOf(listOf(UpdateOperation), 'By feed; the newest first.');

export const UpdateDiff = z.object({
  prev: UpdateOperation,
  cur: UpdateOperation,
  added: listOf(Vulnerability).nullable(),
  removed: listOf(Vulnerability).nullable(),
});

export const Feed = z.object({
  name: text('The feed.'),
  kind: text('What it is.'),
  set: text('The set that `updaters.sets` knows it by.'),
  state: text('How it is: docs/explanation/how-feeds-are-updated.md.'),
  last_attempt: time('When it was last asked.'),
  last_success: time('When it last answered.'),
  last_error: text('Why it failed.').nullable(),
  next_try: time('Time of the next poll.'),
  failures: whole('In a row.'),
  vanished_at: time('Since when its set does not name it any more.'),
  rows: whole('Advisories, or records.'),
  problem_count: whole('Records that could not be read.'),
  problems: listOf(z.unknown(), 'Some of them.'),
  fingerprint: text('Of what was fetched.'),
  fingerprint_changed_at: time('When it changed.'),
  scopes: listOf(text(), 'What it is about.'),
});

export const Feeds = z.object({
  updating: yes('Whether an update is running in this process.'),
  warnings: listOf(text(), 'Configured feeds that do not exist.'),
  feeds: listOf(Feed),
});

const names = z.array(z.string().min(1).max(200)).max(1000).optional();

/** Absent, or null: all of them. */
export const FeedSelection = z.strictObject({ sets: names, feeds: names }).nullable();
