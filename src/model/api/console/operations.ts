/** What operators look at in the console: feeds, notifications; and names of images. */
import { z } from 'zod';
import { MAX_INSTRUCTION } from '../../instruction.ts';
import { Digest } from '../index-report.ts';
import { anyObject, listOf, mapOf, oneOf, text, time, whole } from '../schema.ts';
import { ImageName, Labels, next, Total } from './common.ts';

export const FEED_STATES = ['current', 'stale', 'failing', 'never', 'off'] as const;

const feed = {
  name: text('The feed, or the set where that could not be listed.'),
  kind: oneOf('Kind of its records.', ['vulnerability', 'enrichment', 'set']),
  set: text('What `updaters.sets` knows it by.'),
  state: oneOf('How it is.', FEED_STATES),
  last_attempt: time('Time of the last poll.'),
  last_success: time('When it last answered.'),
  last_error: text('Why it failed.').nullable(),
  next_try: time('Time of the next poll.'),
  failures: whole('In a row.'),
  rows: whole('Advisories, or records.'),
  problem_count: whole('Records that could not be read.'),
  last_change: z
    .object({
      ref: text('The update operation.', { format: 'uuid' }),
      at: time('When.'),
      added: whole('Advisories.').nullable(),
      removed: whole('Advisories.').nullable(),
    })
    .nullable(),
  images: whole(
    'That rely on it; null: it was never loaded, or is about CVEs and not about packages.',
  ).nullable(),
};

export const ConsoleFeed = z.object(feed);

export const ConsoleFeeds = z.object({
  total: Total,
  next,
  updating: z.boolean(),
  counts: mapOf(z.int().min(0), 'By state.'),
  feeds: listOf(
    z.object({
      ...feed,
      recent: listOf(z.boolean(), 'Whether each of the last 20 tries failed, the newest last.'),
    }),
    'The worst first.',
  ),
});

export const ConsoleFeedDetail = z.object({
  ...feed,
  scopes: listOf(text(), 'What it is about, at most 1000.'),
  problems: listOf(anyObject, 'The first records that could not be read.'),
  tries: listOf(
    z.object({
      at: time('When.'),
      outcome: oneOf('What came of it.', ['changed', 'unchanged', 'failed']),
      error: text().nullable(),
    }),
    'The last 20, the newest first.',
  ),
  runs: listOf(
    z.object({
      ref: text('The update operation.', { format: 'uuid' }),
      at: time('When.'),
      added: whole('Advisories.').nullable(),
      removed: whole('Advisories.').nullable(),
      previous: text('`prev` of update_diff.').nullable(),
    }),
    'Its runs, the newest first, at most 50.',
  ),
});

export const DELIVERY_VIEWS = ['queued', 'delivered', 'dead'] as const;

export const ConsoleDeliveries = z.object({
  next,
  enabled: z
    .boolean()
    .describe('false: no notifier is in this process, and `matcher.notifier_addr` names none.'),
  transports: listOf(anyObject, 'How each is doing.'),
  deliveries: listOf(anyObject, 'As in `/notifier/api/v1/internal/deliveries`.'),
});

const short = z.string().min(1).max(512);

export const ManifestNames = z.strictObject({
  names: z
    .array(short)
    .max(50)
    .default([])
    .describe('`registry/repository:tag`; what was said before stays.'),
  labels: z.record(short.max(100), z.string().max(512)).default({}).describe('At most 20; replaced by name.'),
  instructions: z
    .array(z.string().max(MAX_INSTRUCTION))
    .max(500)
    .optional()
    .describe('What made each layer, the base first.'),
  in_use: z.boolean().optional().describe('Whether it runs.'),
});

export const ManifestsAnswer = z.object({
  changes: listOf(
    z.object({
      digest: Digest,
      version: text('Different after each change.'),
      gone: z.boolean().describe('Deleted: the other members say nothing.'),
      state: text('Of its index.'),
      error: text('Why it could not be indexed.').nullable(),
      indexed: time('When its report was written.'),
      layers: listOf(text(), 'The base first.'),
      names: listOf(ImageName, 'The newest first.'),
      labels: Labels,
      instructions: listOf(text(), 'What made each layer.').nullable(),
      in_use: z.boolean().describe('Whether it is reported as running.'),
    }),
  ),
  next: text('Position of the next page; null: this is the last one.').nullable(),
  resume: text('Position for the next poll. A change may be returned twice.'),
  queue: z.object({
    waiting: whole('Manifests to be indexed.'),
    oldest: time('Since when the first waits.'),
  }),
});
