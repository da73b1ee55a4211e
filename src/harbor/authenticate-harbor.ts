/** Who may ask for scans: Harbor, by what was entered where the scanner was registered. */
import { hash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Secret } from '../lib/secret.ts';

export interface HarborLogin {
  readonly username: string;
  /** undefined: no basic authentication. */
  readonly password?: Secret | undefined;
  /** undefined: no bearer authentication. */
  readonly token?: Secret | undefined;
}

/** Whether the request has the password (RFC 7617), or the token: as bearer, or in the header of Harbor's "APIKey". */
export function isHarbor(
  headers: Readonly<IncomingHttpHeaders>,
  { username, password, token }: HarborLogin,
): boolean {
  const { authorization = '' } = headers;
  const basic = /^Basic +([A-Za-z0-9+/]+=*) *$/i.exec(authorization)?.[1];
  const pair = basic === undefined ? undefined : Buffer.from(basic, 'base64').toString('utf8');
  const bearer = /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
  const key = headers['x-scanneradapter-api-key'];
  return [
    password !== undefined && isSame(pair, `${username}:${password.reveal()}`),
    token !== undefined && isSame(bearer, token.reveal()),
    token !== undefined && isSame(typeof key === 'string' ? key : undefined, token.reveal()),
  ].some(Boolean);
}

/** In the same time whatever they are. */
function isSame(given: string | undefined, wanted: string): boolean {
  return timingSafeEqual(hash('sha256', given ?? '', 'buffer'), hash('sha256', wanted, 'buffer'));
}
