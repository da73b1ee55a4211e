/** What a request is for: its target in all forms that a server has to take, and the one host that it names. */
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { AppError } from '../errors.ts';

const ABSOLUTE = /^https?:\/\/([^/?#]*)(.*)$/is;
/** RFC 3986 §3.2.2 and §3.2.3: a host, and a port. */
const AUTHORITY = /^(?:\[[\da-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(?::\d*)?$/i;

/**
 * The path and query of a request. Of a target in absolute form (RFC 9112 §3.2.2: "a server MUST accept the
 * absolute-form in requests"), the host becomes that of the request, whatever `Host` says. In HTTP/2 it is `:authority`.
 */
export function originForm(request: IncomingMessage): string {
  const target = request.url ?? '/';
  const { ':authority': named } = request.headers;
  if (typeof named === 'string') request.headers.host = named;
  const [, authority, rest = ''] = ABSOLUTE.exec(target) ?? [];
  if (authority === undefined) return target;
  request.headers.host = authority;
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/** Throws `bad-request` for a target that no route has, and for a host that is none, or not one (RFC 9112 §3.2). */
export function checkTarget({ method, rawHeaders, headers }: IncomingMessage, target: string): void {
  if (!target.startsWith('/') && !(target === '*' && method === 'OPTIONS')) {
    throw new AppError('bad-request', 'the request target is neither a path nor an HTTP URL');
  }
  // No text of the database can hold it, nor can any name that is asked for.
  if (/%00/.test(target)) throw new AppError('bad-request', 'the request target contains a NUL (%00)');
  const hosts = rawHeaders.filter((_value, i) => i % 2 === 1 && rawHeaders[i - 1]!.toLowerCase() === 'host');
  const { ':authority': authority = hosts[0] } = headers;
  if (hosts.length > 1 || (hosts.length === 1 && hosts[0] !== authority))
    throw new AppError('bad-request', 'the request has more than one Host');
  if (!AUTHORITY.test(headers.host ?? ''))
    throw new AppError('bad-request', 'the Host header of the request is not valid');
}

/** Refuses such requests before anybody is asked who they are. */
export function refuseBadTargets(app: FastifyInstance): void {
  app.addHook('onRequest', async ({ raw, url }) => checkTarget(raw, url));
}
