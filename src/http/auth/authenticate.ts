/** Who may call the API: everybody, those who have the shared key, or those whom a key server vouches for. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { messageOf } from '../../errors.ts';
import type { Log } from '../../lib/log.ts';
import { audiencesOf, type ReceivedRequest } from './audience.ts';
import { createKeyserver, type KeyserverFigures } from './keyserver.ts';
import { bearerOf, INTRASERVICE, mintBearer, verifyToken } from './tokens.ts';

/** `auth` of the configuration. */
export interface AuthConfig {
  readonly psk?: { readonly key: Uint8Array; readonly iss: readonly string[] } | null | undefined;
  readonly keyserver?:
    | { readonly api: string; readonly intraservice?: Uint8Array | undefined }
    | null
    | undefined;
}

export interface Authenticate {
  /** Throws, with the reason, if the request may not pass. */
  (request: ReceivedRequest): Promise<void>;
  /** How it goes with the key server, if one is asked. */
  readonly keyserver?: () => KeyserverFigures;
}

interface Parts {
  readonly now: () => Date;
  readonly log: Log;
}

/** undefined: nobody is asked who they are. */
export function createAuthenticate(
  { psk, keyserver }: AuthConfig,
  { now, log }: Parts,
): Authenticate | undefined {
  if (keyserver) {
    const server = createKeyserver({ api: keyserver.api, now, log });
    const { intraservice } = keyserver;
    const authenticate = async ({ headers, protocol }: ReceivedRequest): Promise<void> => {
      const token = tokenOf(headers.authorization);
      if (intraservice !== undefined) {
        const isOurs = await verifyToken(token, intraservice, { issuers: [INTRASERVICE], now: now() }).then(
          () => true,
          () => false,
        );
        if (isOurs) return;
      }
      await anyOf(audiencesOf({ headers, protocol }), (audience) => server.verify(token, audience));
    };
    return Object.assign(authenticate, { keyserver: server.figures });
  }
  if (psk) {
    const issuers = [INTRASERVICE, ...psk.iss];
    return async ({ headers }) =>
      await verifyToken(tokenOf(headers.authorization), psk.key, { issuers, now: now() });
  }
  return undefined;
}

function tokenOf(authorization: string | undefined): string {
  const token = bearerOf(authorization);
  if (token === undefined) throw new Error('it has no token');
  return token;
}

/** The first success counts; if there is none, the last failure. */
async function anyOf(
  audiences: readonly string[],
  verify: (audience: string) => Promise<void>,
): Promise<void> {
  let failure: unknown = new Error('the server that it was sent to cannot be determined');
  for (const audience of audiences) {
    try {
      return await verify(audience);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/** Signs requests to other services; undefined: without a key they go unsigned. */
export function createSign(
  { psk, keyserver }: AuthConfig,
  now: () => Date,
): ((issuer: string) => Promise<string>) | undefined {
  const key = keyserver ? keyserver.intraservice : psk?.key;
  return key && ((issuer) => mintBearer(key, issuer, now()));
}

/** Refuses what may not pass with 401, whatever its path but those of `open`; robots are told to go away without being asked. */
export function requireAuthentication(
  app: FastifyInstance,
  authenticate: Authenticate,
  log: Log,
  open: (path: string, request: FastifyRequest) => boolean = () => false,
): void {
  // Only who may go on calls `done`: a promise would also settle when a refused client goes before its answer is written,
  // and the request would go on.
  app.addHook('onRequest', (request, reply, done) => {
    if (request.url === '/robots.txt' || open(request.url, request)) return done();
    authenticate({ headers: request.headers, protocol: request.protocol }).then(
      () => done(),
      (error: unknown) => {
        log.debug('request refused', {
          request_uri: request.url,
          remote_addr: request.ip,
          reason: messageOf(error),
        });
        // differs: says which scheme it requires, as RFC 9110 §11.6.1 asks (clair-service.md#tokens)
        reply.code(401).header('www-authenticate', 'Bearer').send();
      },
    );
  });
}
