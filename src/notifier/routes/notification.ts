/** `notification/{id}`: the notifications of a set, page by page, until its receiver has dealt with it. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError } from '../../errors.ts';
import { negotiate } from '../../http/negotiate.ts';
import { lastSegment, redirectToSlash, route } from '../../http/route.ts';
import { parseUuid } from '../../lib/uuid.ts';
import type { Notifier } from '../notifier.ts';

const PATH = '/notifier/api/v1/notification';
const TYPE = 'application/vnd.clair.notification_page.v1+json';
const JSON_TYPE = 'application/json';
const DEFAULT_SIZE = 500;
const MAX_SIZE = 5000;

/** `GET notification/{id}?page_size=&next=`, `DELETE notification/{id}`. */
export function notificationRoutes(app: FastifyInstance, notifier: Pick<Notifier, 'page' | 'remove'>): void {
  redirectToSlash(app, PATH);
  route(app, `${PATH}/*`, {
    async GET(request, reply) {
      const type = negotiate(request.headers.accept, TYPE, JSON_TYPE);
      const id = idOf(request);
      const { page_size, next } = request.query as Readonly<Record<string, unknown>>;
      const size = readSize(page_size);
      const page = await notifier.page(id, { next: readNext(next), size });
      // differs: an unknown id is 404, where Clair has an empty page (clair-service.md#unknown-ids)
      if (page === undefined) throw unknown(id);
      const last = page.more ? page.items.at(-1) : undefined;
      const head = JSON.stringify({ size, ...(last !== undefined && { next: last.id }) });
      const items = page.items.map(({ json }) => json).join(',');
      return reply.type(type).send(`{"page":${head},"notifications":[${items}]}`);
    },
    async DELETE(request, reply) {
      const id = idOf(request);
      // differs: an unknown id is 404, where Clair answers 500 (clair-service.md#unknown-ids)
      if (!(await notifier.remove(id))) throw unknown(id);
      return reply.code(200).send(); // clair-quirk: a success is 200, not 204: clients depend on it
    },
  });
}

function unknown(id: string): AppError {
  return new AppError('not-found', `no notification ${id}: it was never made, or is deleted`);
}

function idOf(request: FastifyRequest): string {
  const id = lastSegment(request);
  const uuid = parseUuid(id);
  if (uuid === undefined) {
    throw new AppError(
      'bad-request',
      `malformed notification id ${JSON.stringify(id.slice(0, 100))}: want a UUID`,
    );
  }
  return uuid;
}

/** 0 and nothing are 500. */
function readSize(text: unknown): number {
  if (text === undefined || text === '') return DEFAULT_SIZE;
  const size = typeof text === 'string' && /^[+-]?\d{1,18}$/.test(text) ? Number(text) : Number.NaN;
  // differs: a negative page_size is 400, where Clair answers 500 (clair-service.md#routes)
  if (Number.isNaN(size) || size < 0)
    throw new AppError('bad-request', 'page_size: want a number that is not negative');
  // differs: a page has at most 5000 notifications; `page.size` says so (clair-service.md#protocols-and-limits)
  return Math.min(size || DEFAULT_SIZE, MAX_SIZE);
}

function readNext(text: unknown): string | undefined {
  if (text === undefined || text === '') return undefined;
  const uuid = typeof text === 'string' ? parseUuid(text) : undefined;
  if (uuid === undefined)
    throw new AppError('bad-request', 'next: want the UUID that the last page has as page.next');
  return uuid;
}
