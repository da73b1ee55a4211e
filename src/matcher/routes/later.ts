/** The answer for a report that is too early to give. */
import type { FastifyReply } from 'fastify';
import type { Answer } from '../../http/operation.ts';

/** Seconds: the first load of a feed takes from seconds to minutes. */
const RETRY_AFTER = 30;

export const LATER: Answer = {
  description: 'A feed that the image requires is being loaded for the first time.',
  headers: { 'Retry-After': 'Seconds after which to ask again.' },
};

/** 202 without a body, as Clair's; with when to ask again. */
export function later(reply: FastifyReply): FastifyReply {
  return reply
    .code(202)
    .header('retry-after', String(RETRY_AFTER))
    .header('cache-control', 'no-store')
    .send();
}
