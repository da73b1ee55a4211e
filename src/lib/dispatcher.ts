/** Connections to other servers: over the proxies of the environment, if there are any. */
import { type Dispatcher, EnvHttpProxyAgent } from 'undici';

export type DispatcherOptions = EnvHttpProxyAgent.Options;

/**
 * HTTP/1.1 only. Over HTTP/2 all requests to a host share one connection: what is paced, resumed and given up by
 * connections would share its fate, and a stalled reader of one body hold up the others.
 */
export const HTTP1 = { allowH2: false } as const;

/** Honours HTTP_PROXY, HTTPS_PROXY and NO_PROXY. */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  return new EnvHttpProxyAgent({ ...HTTP1, ...options });
}
