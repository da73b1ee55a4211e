/** Who a reverse proxy has signed in: told by headers, which count only from listed addresses with the shared secret. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { BlockList, isIP } from 'node:net';
import type { Secret } from '../../lib/secret.ts';

/** `auth.proxy` of the configuration. */
export interface ProxyConfig {
  /** Addresses and networks in CIDR notation. */
  readonly trusted: readonly string[];
  readonly user_header: string;
  readonly groups_header: string;
  readonly secret_header: string;
  readonly secret: Secret;
}

export interface SignedIn {
  readonly user: string;
  readonly groups: readonly string[];
}

export type ReadProxy = (request: {
  readonly headers: IncomingHttpHeaders;
  readonly address: string;
}) => SignedIn | undefined;

const MAX_USER = 200;
const MAX_GROUPS = 200;

/** undefined of a request: nobody is signed in, or it is not from a proxy that may say so. */
export function createReadProxy(config: ProxyConfig): ReadProxy {
  const trusted = new BlockList();
  for (const each of config.trusted) {
    const [address = '', bits] = each.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) trusted.addAddress(address, family);
    else trusted.addSubnet(address, Number(bits), family);
  }
  const secret = digestOf(config.secret.reveal());
  const headerOf = (headers: IncomingHttpHeaders, name: string): string => {
    const value = headers[name.toLowerCase()];
    // Sent twice, the second may be the client's own.
    return typeof value === 'string' ? value : '';
  };
  return ({ headers, address }) => {
    const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
    if (isIP(plain) === 0 || !trusted.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4')) return undefined;
    if (!timingSafeEqual(digestOf(headerOf(headers, config.secret_header)), secret)) return undefined;
    const user = headerOf(headers, config.user_header).trim();
    if (user === '' || user.length > MAX_USER || /\p{Cc}/u.test(user)) return undefined;
    const groups = headerOf(headers, config.groups_header)
      .split(',')
      .map((group) => group.trim())
      .filter((group) => group !== '')
      .slice(0, MAX_GROUPS);
    return { user, groups };
  };
}

/** Digests are of one length, whatever is guessed. */
function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
