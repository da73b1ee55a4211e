/** `notifier`: which notifications are made, and where they go. */
import { z } from 'zod';
import { duration, HOUR, optionalUrl, period, secret } from '../lib/setting-values.ts';
import { transportSections } from '../transports/sections.ts';

export const notifierSchema = z.strictObject({
  connstring: secret
    .prefault('')
    .describe('Connection string of the database, as a URL or `key=value` list.'),
  migrations: z.boolean().default(false).describe('Migrate the database at startup.'),
  indexer_addr: optionalUrl('http', 'https')
    .default('')
    .describe('URL of the indexer. Required in mode notifier.'),
  matcher_addr: optionalUrl('http', 'https')
    .default('')
    .describe('URL of the matcher. Required in mode notifier.'),
  poll_interval: period(6 * HOUR).describe('Interval of checks for changed vulnerabilities (default 6h).'),
  delivery_interval: period(HOUR).describe('Longest time until a failed delivery is retried (default 1h).'),
  disable_summary: z
    .boolean()
    .default(false)
    .describe(
      'Send one notification for each vulnerability of a manifest instead of one for the most severe.',
    ),
  delivery_attempts: z
    .int()
    .min(1)
    .default(100)
    .describe(
      'Number of failures after which a delivery is a dead letter. Retries follow after 10s, 20s, 40s and so on, at most `delivery_interval`: by default, 100 failures take four days.',
    ),
  baseline: z
    .enum(['skip', 'notify'])
    .default('skip')
    .describe(
      'Treatment of the first load of a feed: `skip` (a baseline without notifications) or `notify` (notifications for all of it, as Clair v4 does).',
    ),
  retention: duration
    .default(14 * 24 * HOUR)
    .describe('Retention of undeleted notifications and of dead letters (default 336h).'),
  ...transportSections(),
});
