/** `notifier`: which notifications are made, and where they go. */
import { z } from 'zod';
import { duration, HOUR, optionalUrl, period, secret } from '../lib/setting-values.ts';
import { transportSections } from '../transports/sections.ts';

export const notifierSchema = z.strictObject({
  connstring: secret.prefault('').describe('The database, as a URL or `key=value` list.'),
  migrations: z.boolean().default(false).describe('Bring the database up to date at start.'),
  indexer_addr: optionalUrl('http', 'https')
    .default('')
    .describe('URL of the indexer. Needed in mode notifier.'),
  matcher_addr: optionalUrl('http', 'https')
    .default('')
    .describe('URL of the matcher. Needed in mode notifier.'),
  poll_interval: period(6 * HOUR).describe('How often to look for new vulnerabilities (default 6h).'),
  delivery_interval: period(HOUR).describe(
    'Longest time until what was not delivered is tried again (default 1h).',
  ),
  disable_summary: z
    .boolean()
    .default(false)
    .describe('One notification for each vulnerability of a manifest rather than for the most severe.'),
  delivery_attempts: z
    .int()
    .min(1)
    .default(100)
    .describe(
      'After so many failures a delivery is a dead letter. They come 10s, 20s, 40s and so on after one another, at most `delivery_interval`: by default 100 are four days.',
    ),
  baseline: z
    .enum(['skip', 'notify'])
    .default('skip')
    .describe(
      'What the first load of a feed means: where counting begins (`skip`), or a notification for everything in it (`notify`, as Clair does).',
    ),
  retention: duration
    .default(14 * 24 * HOUR)
    .describe('How long notifications that nobody deletes, and dead letters, are kept (default 336h).'),
  ...transportSections(),
});
