/** Who uses the console, and what they may do there. */
import type { FastifyRequest } from 'fastify';
import { AppError } from '../../errors.ts';

export const ROLES = ['view', 'triage', 'operate'] as const;
export type Role = (typeof ROLES)[number];

/** Who sends a request. */
export interface Caller {
  readonly user: string;
  readonly roles: readonly Role[];
  readonly auth: 'none' | 'token' | 'proxy';
}

/** Who sends it; it has been authenticated before. */
export type CallerOf = (request: FastifyRequest) => Caller;

/** Throws `forbidden`. */
export function requireRole(caller: Caller, role: Role): void {
  if (caller.roles.includes(role)) return;
  throw new AppError(
    'forbidden',
    `${caller.user} lacks the role "${role}" (roles: ${caller.roles.join(', ') || 'none'})`,
  );
}

/**
 * A browser sends neither a header of this name nor this type of body to another site without being allowed to. Throws
 * `forbidden`.
 */
export function requireOwnClient({ headers }: FastifyRequest): void {
  const { origin, host } = headers;
  if (headers['clair-console'] !== '1')
    throw new AppError('forbidden', 'the header "Clair-Console: 1" is missing');
  if (origin !== undefined && origin !== `https://${host}` && origin !== `http://${host}`)
    throw new AppError('forbidden', `requests from ${origin} are not accepted`);
}
