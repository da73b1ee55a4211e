/** How a request's sender sees this server: what a token must have been made for. */
import type { IncomingHttpHeaders } from 'node:http';

export interface ReceivedRequest {
  readonly headers: IncomingHttpHeaders;
  /** `https` where the connection has TLS. */
  readonly protocol: string;
}

/**
 * All `proto://host` that the request may have been sent to: of every hop of `Forwarded` (RFC 7239) that names both, else of
 * `X-Forwarded-Proto` and `X-Forwarded-Host`, else its own.
 */
export function audiencesOf({ headers, protocol }: ReceivedRequest): string[] {
  const hops = String(headers.forwarded ?? '')
    .split(',')
    .flatMap((hop) => {
      const fields = new Map(
        hop.split(';').map((pair) => {
          const [name = '', value = ''] = pair.split('=', 2);
          return [name.trim().toLowerCase(), value.trim().replace(/^"(.*)"$/, '$1')] as const;
        }),
      );
      const proto = fields.get('proto');
      const host = fields.get('host');
      return proto && host ? [`${proto}://${host}`] : [];
    });
  if (hops.length > 0) return hops;
  const proto = firstOf(headers['x-forwarded-proto']);
  const host = firstOf(headers['x-forwarded-host']);
  if (proto && host) return [`${proto}://${host}`];
  return [`${protocol}://${headers.host ?? ''}`];
}

function firstOf(header: string | string[] | undefined): string {
  return String(header ?? '')
    .split(',')[0]!
    .trim();
}
