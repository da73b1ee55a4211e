/** Who may send events: whoever has the secret, in any of the ways that registries can send one. */
import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Secret } from '../../lib/secret.ts';

/**
 * Whether the request has `secret`: as bearer token, as the whole `Authorization` (Harbor), as password of basic
 * authentication (user info in a URL: Quay), or in the header of GitLab or Artifactory.
 */
export function hasSecret(headers: Readonly<IncomingHttpHeaders>, secret: Secret): boolean {
  const { authorization = '' } = headers;
  const given = [
    authorization,
    /^Bearer +(.*)$/i.exec(authorization)?.[1],
    passwordOf(authorization),
    headers['x-gitlab-token'],
    headers['x-jfrog-event-auth'],
  ];
  const wanted = hash('sha256', secret.reveal(), 'buffer');
  // Every one is compared, in the same time.
  return given
    .map((each) => timingSafeEqual(hash('sha256', typeof each === 'string' ? each : '', 'buffer'), wanted))
    .some(Boolean);
}

const SIGNATURE = /^[0-9a-f]{64}$/i;

/** Whether the request has a signature that only its body can prove. */
export function hasSignature(headers: Readonly<IncomingHttpHeaders>): boolean {
  return SIGNATURE.test(signatureOf(headers));
}

/** Whether `body` is signed with `secret`: HMAC-SHA256 in hexadecimal digits, as Artifactory sends it instead of the secret. */
export function isSigned(headers: Readonly<IncomingHttpHeaders>, body: Uint8Array, secret: Secret): boolean {
  const wanted = createHmac('sha256', secret.reveal()).update(body).digest();
  return hasSignature(headers) && timingSafeEqual(Buffer.from(signatureOf(headers), 'hex'), wanted);
}

function signatureOf(headers: Readonly<IncomingHttpHeaders>): string {
  const { 'x-jfrog-event-auth': given } = headers;
  return typeof given === 'string' ? given : '';
}

/** RFC 7617; undefined: it is no basic authentication. */
function passwordOf(authorization: string): string | undefined {
  const [, encoded] = /^Basic +([A-Za-z0-9+/]+=*)$/i.exec(authorization) ?? [];
  if (encoded === undefined) return undefined;
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  return pair.includes(':') ? pair.slice(pair.indexOf(':') + 1) : undefined;
}
