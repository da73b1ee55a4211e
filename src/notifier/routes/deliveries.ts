/** What became of each delivery: ours, for operators. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { AppError, messageOf } from '../../errors.ts';
import { goneSignal } from '../../http/gone-signal.ts';
import { route } from '../../http/route.ts';
import { TestDelivery } from '../../model/api/notifications.ts';
import type { Notifier } from '../notifier.ts';
import { DELIVERY_STATES } from '../store/delivery-log.ts';

const PATH = '/notifier/api/v1/internal/deliveries';
const DEFAULT_SIZE = 100;
const MAX_SIZE = 1000;

const QUERY = z.object({
  state: z.enum(DELIVERY_STATES).optional(),
  transport: z.string().max(100).optional(),
  page_size: z.coerce.number().int().min(1).max(MAX_SIZE).default(DEFAULT_SIZE),
  next: z
    .string()
    .regex(/^\d{1,18}$/, 'the number that the last page has as page.next')
    .optional(),
});

/**
 * `GET deliveries?state=&transport=&page_size=&next=`: the newest first, and how each transport is doing;
 * `POST deliveries/{id}/redeliver`; `POST test` of `{"transport": …}`.
 */
export function deliveryRoutes(
  app: FastifyInstance,
  notifier: Pick<Notifier, 'deliveries' | 'status' | 'redeliver' | 'test'>,
  stopping: AbortSignal,
): void {
  route(app, PATH, {
    async GET(request, reply) {
      const query = QUERY.safeParse(request.query);
      if (!query.success) throw new AppError('bad-request', z.prettifyError(query.error));
      const { state, transport: target, page_size: size, next } = query.data;
      const rows = await notifier.deliveries({ state, target, next, size: size + 1 });
      const deliveries = rows.slice(0, size);
      const page = { size, ...(rows.length > size && { next: deliveries.at(-1)!.id }) };
      const transports = await notifier.status();
      return reply.type('application/json').send(JSON.stringify({ page, transports, deliveries }));
    },
  });

  route(app, `${PATH}/:id/redeliver`, {
    async POST(request, reply) {
      const { id } = request.params as { id: string };
      if (!/^\d{1,18}$/.test(id))
        throw new AppError('bad-request', `malformed delivery id ${JSON.stringify(id)}`);
      if (!(await notifier.redeliver(id))) {
        throw new AppError(
          'not-found',
          `no delivery ${id} that has ended: there is none, or it waits already`,
        );
      }
      return reply.code(202).send();
    },
  });

  route(app, '/notifier/api/v1/internal/test', {
    async POST(request, reply) {
      const signal = AbortSignal.any([goneSignal(reply), stopping]);
      const results = await notifier.test(readTarget(request.body), signal);
      return reply.type('application/json').send(JSON.stringify({ results }));
    },
  });
}

function readTarget(body: unknown): string | undefined {
  if (!Buffer.isBuffer(body) || body.length === 0) return undefined;
  try {
    return TestDelivery.parse(JSON.parse(body.toString('utf8')))?.transport;
  } catch (error) {
    throw new AppError('bad-request', `want {"transport": "webhook"} or no body: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
