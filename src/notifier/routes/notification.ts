/** `notification/{id}`: the notifications of a set, page by page, until its receiver has dealt with it. */
import type { FastifyInstance } from 'fastify';
import { AppError } from '../../errors.ts';
import { operation, optionalParameter, parameter, readUuid } from '../../http/operation.ts';
import { redirectToSlash } from '../../http/route.ts';
import { serve } from '../../http/serve.ts';
import { NotificationPage } from '../../model/api/notifications.ts';
import type { Notifier } from '../notifier.ts';

const PATH = '/notifier/api/v1/notification';
const DEFAULT_SIZE = 500;
const MAX_SIZE = 5000;

const UUID = { type: 'string', format: 'uuid' };
const ID = parameter(
  { ...UUID, description: 'ID of the notification, as in the callback.' },
  readUuid((id) => `malformed notification id ${JSON.stringify(String(id).slice(0, 100))}: expected a UUID`),
);
const UNKNOWN = 'The notification does not exist.';

export const NOTIFICATION = operation({
  method: 'GET',
  path: `${PATH}/{id}`,
  tag: 'notifier',
  id: 'notification',
  summary: 'One page of a notification.',
  params: { id: ID },
  query: {
    // 0 and nothing are 500.
    page_size: optionalParameter(
      { type: 'integer', minimum: 0, description: `Default: ${DEFAULT_SIZE}.` },
      DEFAULT_SIZE,
      readSize,
    ),
    next: optionalParameter<string | undefined>(
      { ...UUID, description: '`page.next` of the previous page.' },
      undefined,
      readUuid(() => 'next: expected the UUID in page.next of the previous page'),
    ),
  },
  answers: {
    200: {
      description: 'The page.',
      schema: NotificationPage,
      types: ['application/vnd.clair.notification_page.v1+json', 'application/json'],
    },
  },
  errors: { 'bad-request': true, 'not-found': UNKNOWN, 'not-acceptable': true },
});

export const DELETE_NOTIFICATION = operation({
  method: 'DELETE',
  path: `${PATH}/{id}`,
  tag: 'notifier',
  id: 'deleteNotification',
  summary: 'Confirms that a notification was read.',
  params: { id: ID },
  answers: { 200: { description: 'The notification can be deleted.' } },
  errors: { 'bad-request': true, 'not-found': UNKNOWN },
});

/** `GET notification/{id}?page_size=&next=`, `DELETE notification/{id}`. */
export function notificationRoutes(app: FastifyInstance, notifier: Pick<Notifier, 'page' | 'remove'>): void {
  redirectToSlash(app, PATH);
  serve(app, NOTIFICATION, async (_request, reply, input) => {
    const { type } = input;
    const { id } = input.params;
    const { page_size: size, next } = input.query;
    const page = await notifier.page(id, { next, size });
    // differs: an unknown id is 404, where Clair has an empty page (clair-service.md#unknown-ids)
    if (page === undefined) throw unknown(id);
    const last = page.more ? page.items.at(-1) : undefined;
    const head = JSON.stringify({ size, ...(last !== undefined && { next: last.id }) });
    const items = page.items.map(({ json }) => json).join(',');
    return reply.type(type).send(`{"page":${head},"notifications":[${items}]}`);
  });

  serve(app, DELETE_NOTIFICATION, async (_request, reply, input) => {
    const { id } = input.params;
    // differs: an unknown id is 404, where Clair answers 500 (clair-service.md#unknown-ids)
    if (!(await notifier.remove(id))) throw unknown(id);
    return reply.code(200).send(); // clair-quirk: a success is 200, not 204: clients depend on it
  });
}

function unknown(id: string): AppError {
  return new AppError('not-found', `no notification ${id}: it was never made, or is deleted`);
}

function readSize(text: unknown): number {
  const size = typeof text === 'string' && /^[+-]?\d{1,18}$/.test(text) ? Number(text) : Number.NaN;
  // differs: a negative page_size is 400, where Clair answers 500 (clair-service.md#routes)
  if (Number.isNaN(size) || size < 0)
    throw new AppError('bad-request', 'page_size: expected a number of at least 0');
  // differs: a page has at most 5000 notifications; `page.size` has the number (clair-service.md#protocols-and-limits)
  return Math.min(size || DEFAULT_SIZE, MAX_SIZE);
}
