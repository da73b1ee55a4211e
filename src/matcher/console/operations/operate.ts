/** Operations of the console about feeds, notifications and files of a report. */
import { z } from 'zod';
import { DIGEST, operation } from '../../../http/operation.ts';
import {
  ConsoleDeliveries,
  ConsoleFeedDetail,
  ConsoleFeeds,
  DELIVERY_VIEWS,
  FEED_STATES,
} from '../../../model/api/console/operations.ts';
import { FeedSelection } from '../../../model/api/updates.ts';
import { CHANGING, CONSOLE, PAGE, view, words } from './parameters.ts';

const tag = 'matcher' as const;
const errors = { 'bad-request': true, forbidden: true } as const;

export const CONSOLE_FEEDS = operation({
  method: 'GET',
  path: `${CONSOLE}/feeds`,
  tag,
  id: 'consoleFeeds',
  summary: 'Feeds with their state and the images that rely on them. Not in Clair.',
  query: {
    state: z.enum(FEED_STATES).describe('Only these.').optional(),
    q: words('Part of a name.'),
    ...PAGE,
  },
  ...view('One page.', ConsoleFeeds),
  errors,
});

export const CONSOLE_FEED = operation({
  method: 'GET',
  path: `${CONSOLE}/feed`,
  tag,
  id: 'consoleFeed',
  summary: 'One feed with its history. Not in Clair.',
  query: { name: z.string().min(1).max(512).describe('Of the feed.') },
  ...view('The feed.', ConsoleFeedDetail),
  errors: { ...errors, 'not-found': 'There is no such feed.' },
});

export const CONSOLE_UPDATE_FEEDS = operation({
  method: 'POST',
  path: `${CONSOLE}/feeds/update`,
  tag,
  id: 'consoleUpdateFeeds',
  summary: 'Starts a feed update. Needs the right to operate. Not in Clair.',
  headers: CHANGING,
  body: { schema: FeedSelection, description: 'Empty: all feeds.' },
  answers: { 202: { description: 'The update is queued.' } },
  errors,
});

export const CONSOLE_DELIVERIES = operation({
  method: 'GET',
  path: `${CONSOLE}/notifications`,
  tag,
  id: 'consoleDeliveries',
  summary: 'Deliveries of notifications, the newest first. Not in Clair.',
  query: {
    state: z.enum(DELIVERY_VIEWS).describe('Only these; `dead`: abandoned.').optional(),
    ...PAGE,
  },
  ...view('One page.', ConsoleDeliveries),
  errors,
});

export const CONSOLE_REDELIVER = operation({
  method: 'POST',
  path: `${CONSOLE}/notifications/{id}/redeliver`,
  tag,
  id: 'consoleRedeliver',
  summary: 'Repeats a delivery. Needs the right to operate. Not in Clair.',
  headers: CHANGING,
  params: {
    id: z
      .string()
      .regex(/^\d{1,18}$/, 'a number')
      .describe('Of the delivery.'),
  },
  answers: { 202: { description: 'It is queued.' } },
  errors: { ...errors, 'not-found': 'There is no such delivery, or it waits already.' },
});

export const EXPORT = operation({
  method: 'GET',
  path: `${CONSOLE}/images/{digest}/export`,
  tag,
  id: 'consoleExport',
  summary: 'The report of an image in a format of `clairctl scan`. Not in Clair.',
  params: { digest: DIGEST },
  query: { format: z.string().max(50).describe('As in `scan --format`: `sarif`, `csv`, `html`, …') },
  answers: { 200: { description: 'The file. Its type is that of the format.' } },
  errors: { ...errors, 'not-found': 'The image is not indexed.' },
});
