/** Tokens of HMAC keys (JWS compact, RFC 7515): minted for calls between services, and verified (clair-service.md#tokens). */
import { decodeJwt, jwtVerify, SignJWT } from 'jose';

/** Calls between the services of one Clair. */
export const INTRASERVICE = 'clair-intraservice';
/** Notifications to a webhook. */
export const NOTIFIER = 'clair-notifier';

/** Seconds that clocks may differ. */
export const LEEWAY = 15;
/** Seconds for which a token holds, before and after now. */
const LIFETIME = 60;

/** `Bearer …` for one request. */
export async function mintBearer(key: Uint8Array, issuer: string, now: Date): Promise<string> {
  const at = Math.floor(now.getTime() / 1000);
  const token = await new SignJWT({})
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer(issuer)
    .setIssuedAt(at)
    .setNotBefore(at - LIFETIME)
    .setExpirationTime(at + LIFETIME)
    .sign(key);
  return `Bearer ${token}`;
}

/** The token of an `Authorization` header; undefined if there is none. */
export function bearerOf(authorization: string | undefined): string | undefined {
  return authorization?.startsWith('Bearer ') ? authorization.slice('Bearer '.length) : undefined;
}

/**
 * Throws, with the reason, unless `token` is signed with `key` by one of `issuers`. `exp`, `nbf` and `iat` are checked
 * if they are there; none of them has to be.
 */
export async function verifyToken(
  token: string,
  key: Uint8Array,
  { issuers, now }: { readonly issuers: readonly string[]; readonly now: Date },
): Promise<void> {
  const { payload } = await jwtVerify(token, key, {
    algorithms: ['HS256', 'HS384', 'HS512'],
    issuer: [...issuers],
    clockTolerance: LEEWAY,
    currentDate: now,
  });
  requirePast(payload.iat, now);
}

/** Nobody issues tokens in the future. */
export function requirePast(iat: number | undefined, now: Date): void {
  if (iat !== undefined && iat > now.getTime() / 1000 + LEEWAY) throw new Error('"iat" is in the future');
}

/** What a token says of its holder. */
export interface TokenHolder {
  /** `sub`; '': it names nobody. */
  readonly user: string;
  /** `roles`; undefined: it does not narrow what its holder may do. */
  readonly roles: readonly string[] | undefined;
}

const MAX_USER = 200;

/** Of an `Authorization` header whose token has been verified before. A claim that cannot be read gives no role. */
export function holderOf(authorization: string | undefined): TokenHolder {
  const token = bearerOf(authorization);
  const { sub, roles } = token === undefined ? {} : decodeJwt(token);
  const isName = typeof sub === 'string' && sub.length <= MAX_USER && !/\p{Cc}/u.test(sub);
  return {
    user: isName ? sub : '',
    roles:
      roles === undefined
        ? undefined
        : [roles].flat().filter((role): role is string => typeof role === 'string'),
  };
}
