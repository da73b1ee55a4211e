/** What the notifier takes and gives. */
import { z } from 'zod';
import { Digest } from './index-report.ts';
import { listOf, oneOf, text, whole } from './schema.ts';

export const NotificationAnswer = z.object({
  id: text('Its name.', { format: 'uuid' }),
  manifest: Digest,
  reason: oneOf('What happened.', ['added', 'removed']),
  vulnerability: z.object({
    name: text(),
    description: text(),
    package: z.unknown().optional(),
    distribution: z.unknown().optional(),
    repo: z.unknown().optional(),
    severity: text(),
    normalized_severity: text().exactOptional(),
    fixed_in_version: text(),
    links: text(),
  }),
});

export const NotificationPage = z.object({
  page: z.object({
    size: whole('How many there are on a page.'),
    next: text('Token of the next page; absent on the last.', { format: 'uuid' }).exactOptional(),
  }),
  notifications: listOf(NotificationAnswer),
});

export const Deliveries = z.object({
  page: z.object({
    size: whole('How many there are on a page.'),
    next: text('Token of the next page.').exactOptional(),
  }),
  transports: listOf(z.unknown(), 'How each is doing.'),
  deliveries: listOf(z.object({ id: text('Its name.') })),
});

/** Absent, or null: by all transports. */
export const TestDelivery = z.object({ transport: text('The only one to use.').optional() }).nullable();

export const TestResults = z.object({ results: listOf(z.unknown(), 'By transport.') });

export const OpenapiAnswer = z.unknown().meta({ type: 'object', description: 'An OpenAPI document.' });
