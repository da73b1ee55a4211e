/** What became of each delivery: ours, for operators. */

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { AppError } from '../../errors.ts';
import { goneSignal } from '../../http/gone-signal.ts';
import { readOptionalBody } from '../../http/json-body.ts';
import { operation, parameter } from '../../http/operation.ts';
import { serve } from '../../http/serve.ts';
import { Deliveries, TestDelivery, TestResults } from '../../model/api/notifications.ts';
import type { Notifier } from '../notifier.ts';
import { DELIVERY_STATES } from '../store/delivery-log.ts';

const PATH = '/notifier/api/v1/internal/deliveries';
const DEFAULT_SIZE = 100;
const MAX_SIZE = 1000;

export const DELIVERIES = operation({
  method: 'GET',
  path: PATH,
  tag: 'notifier',
  id: 'deliveries',
  summary: 'Deliveries, newest first, and the state of each transport. Not in Clair.',
  query: {
    state: z.enum(DELIVERY_STATES).describe('Return only deliveries in this state.').optional(),
    transport: z.string().max(100).describe('Return only deliveries by this transport.').optional(),
    page_size: z.coerce
      .number()
      .int()
      .min(1)
      .max(MAX_SIZE)
      .describe(`Default: ${DEFAULT_SIZE}.`)
      .default(DEFAULT_SIZE),
    next: z
      .string()
      .regex(/^\d{1,18}$/, 'the number that the last page has as page.next')
      .describe('`page.next` of the previous page.')
      .optional(),
  },
  answers: { 200: { description: 'One page of deliveries.', schema: Deliveries } },
  errors: { 'bad-request': true },
});

export const REDELIVER = operation({
  method: 'POST',
  path: `${PATH}/{id}/redeliver`,
  tag: 'notifier',
  id: 'redeliver',
  summary: 'Repeats a delivery that succeeded or is a dead letter. Not in Clair.',
  params: {
    id: parameter({ type: 'string', pattern: '^[0-9]{1,18}$', description: 'ID of the delivery.' }, readId),
  },
  answers: { 202: { description: 'The delivery is queued.' } },
  errors: { 'bad-request': true, 'not-found': 'The delivery does not exist, or is already queued.' },
});

export const TEST_DELIVERY = operation({
  method: 'POST',
  path: '/notifier/api/v1/internal/test',
  tag: 'notifier',
  id: 'testDelivery',
  summary: 'Sends a test notification without vulnerabilities. Not in Clair.',
  body: { schema: TestDelivery, description: 'Empty: all transports.' },
  answers: { 200: { description: 'Result for each transport.', schema: TestResults } },
  errors: { 'bad-request': true },
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
  serve(app, DELIVERIES, async (_request, reply, input) => {
    const { state, transport: target, page_size: size, next } = input.query;
    const rows = await notifier.deliveries({ state, target, next, size: size + 1 });
    const deliveries = rows.slice(0, size);
    const page = { size, ...(rows.length > size && { next: deliveries.at(-1)!.id }) };
    const transports = await notifier.status();
    return reply.type(input.type).send(JSON.stringify({ page, transports, deliveries }));
  });

  serve(app, REDELIVER, async (_request, reply, input) => {
    const { id } = input.params;
    if (!(await notifier.redeliver(id))) {
      throw new AppError('not-found', `no delivery ${id} that has ended: there is none, or it waits already`);
    }
    return reply.code(202).send();
  });

  serve(app, TEST_DELIVERY, async (request, reply, { type }) => {
    const signal = AbortSignal.any([goneSignal(reply), stopping]);
    const results = await notifier.test(readTarget(request.body), signal);
    return reply.type(type).send(JSON.stringify({ results }));
  });
}

function readId(id: unknown): string {
  if (typeof id === 'string' && /^\d{1,18}$/.test(id)) return id;
  throw new AppError('bad-request', `malformed delivery id ${JSON.stringify(id)}`);
}

function readTarget(body: unknown): string | undefined {
  return readOptionalBody(TestDelivery, body)?.transport;
}
