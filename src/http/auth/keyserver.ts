/** Keys that a key server knows (Quay's, clair-service.md#key-server): fetched when a token names one, kept while they are fresh. */
import { decodeJwt, decodeProtectedHeader, importJWK, type JWK, jwtVerify } from 'jose';
import { request } from 'undici';
import { messageOf } from '../../errors.ts';
import { createDispatcher } from '../../lib/dispatcher.ts';
import type { Log } from '../../lib/log.ts';
import { readAll } from '../../lib/read-all.ts';
import { trustedCertificates } from '../../lib/trusted-certificates.ts';
import { LEEWAY, requirePast } from './tokens.ts';

export interface KeyserverOptions {
  /** E.g. `https://quay.example.com/keys/`. */
  readonly api: string;
  readonly log: Log;
  readonly now: () => Date;
}

export interface Keyserver {
  /** Throws, with the reason, unless a service signed `token` for `audience` with a key that the server vouches for. */
  verify(token: string, audience: string): Promise<void>;
  /** How it went so far. */
  figures(): KeyserverFigures;
}

export interface KeyserverFigures {
  /** Whether it answered when it was last asked; true before it ever was. */
  readonly reachable: boolean;
  /** Requests to it, by what came of them: a key, no such key, no answer that can be used. */
  readonly asked: Readonly<Record<'known' | 'unknown' | 'failed', number>>;
}

type Key = Awaited<ReturnType<typeof importJWK>>;

interface Known {
  /** undefined: the server does not vouch for it. */
  readonly key: Key | undefined;
  readonly until: number;
}

const TIMEOUT = 10_000;
const BODY_LIMIT = 64 * 1024;
const KEYS_KEPT = 1000;
/** ms for which a key is kept of which the server does not say, and one that it does not know. */
const UNSAID = 60_000;
const UNKNOWN = 10_000;
const LONGEST = 24 * 3600_000;
const NAME = /^[\w.:@+=~-]{1,256}$/;

export function createKeyserver({ api, log, now }: KeyserverOptions): Keyserver {
  const base = api.endsWith('/') ? api : `${api}/`;
  const ca = base.startsWith('https:') ? trustedCertificates() : undefined;
  const dispatcher = createDispatcher({ connect: { timeout: TIMEOUT, ...(ca && { ca }) } });
  const known = new Map<string, Known>();
  const asked = new Map<string, Promise<Key | undefined>>();
  let reachable = true;
  const outcomes = { known: 0, unknown: 0, failed: 0 };

  async function keyOf(issuer: string, id: string): Promise<Key | undefined> {
    const url = new URL(`services/${encodeURIComponent(issuer)}/keys/${encodeURIComponent(id)}`, base).href;
    const kept = known.get(url);
    if (kept !== undefined && kept.until > now().getTime()) return kept.key;
    let answer = asked.get(url);
    if (answer === undefined) {
      answer = ask(url).finally(() => asked.delete(url));
      asked.set(url, answer);
    }
    return await answer;
  }

  async function ask(url: string): Promise<Key | undefined> {
    try {
      const { statusCode, headers, body } = await request(url, {
        dispatcher,
        headers: { accept: 'application/json' },
        signal: AbortSignal.timeout(TIMEOUT),
      });
      if (statusCode !== 200) {
        await body.dump({ limit: BODY_LIMIT });
        if (statusCode >= 500) throw new Error(`it returned status ${statusCode}`);
        keep(url, undefined, UNKNOWN);
        outcomes.unknown++;
      } else {
        const jwk = JSON.parse((await readAll(body, BODY_LIMIT, tooLong)).toString()) as JWK;
        if (jwk.kty !== 'RSA') throw new Error(`the key is ${JSON.stringify(jwk.kty)}, expected RSA`);
        keep(url, await importJWK(jwk, 'RS256'), freshness(headers['cache-control']));
        outcomes.known++;
      }
      if (!reachable) log.info('key server reachable again', { api: base });
      reachable = true;
    } catch (error) {
      if (reachable) {
        log.warn('key server unreachable: tokens with unknown keys are rejected', {
          api: base,
          reason: messageOf(error),
        });
      }
      reachable = false;
      outcomes.failed++;
      throw new Error(`the key server is unreachable: ${messageOf(error)}`, { cause: error });
    }
    return known.get(url)?.key;
  }

  function keep(url: string, key: Key | undefined, age: number): void {
    known.delete(url);
    known.set(url, { key, until: now().getTime() + age });
    for (const oldest of known.keys()) {
      if (known.size <= KEYS_KEPT) break;
      known.delete(oldest);
    }
  }

  return {
    figures: () => ({ reachable, asked: { ...outcomes } }),
    async verify(token, audience) {
      const { alg, kid } = decodeProtectedHeader(token);
      const { iss } = decodeJwt(token);
      if (alg !== 'RS256') throw new Error(`its algorithm is ${String(alg)}, expected RS256`);
      if (kid === undefined || !NAME.test(kid)) throw new Error('it names no key ("kid")');
      if (iss === undefined || !NAME.test(iss)) throw new Error('it names no service ("iss")');
      const key = await keyOf(iss, kid);
      if (key === undefined) throw new Error(`the key server has no key ${kid} of ${iss}`);
      const { payload } = await jwtVerify(token, key, {
        algorithms: ['RS256'],
        audience,
        clockTolerance: LEEWAY,
        currentDate: now(),
      });
      requirePast(payload.iat, now());
    },
  };
}

const tooLong = (): Error => new Error(`its response exceeds ${BODY_LIMIT} bytes`);

/** RFC 9111 §5.2: ms for which an answer may be kept. */
function freshness(cacheControl: string | string[] | undefined): number {
  const text = String(cacheControl ?? '');
  if (/no-store|no-cache/i.test(text)) return 0;
  const age = /max-age=(\d+)/i.exec(text)?.[1];
  return age === undefined ? UNSAID : Math.min(Number(age) * 1000, LONGEST);
}
