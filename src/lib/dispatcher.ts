/** Connections to other servers: over the proxies of the environment, if there are any. */
import { Dispatcher, EnvHttpProxyAgent } from 'undici';
import { type ForwardProxy, proxiesOf } from './proxies.ts';

export type DispatcherOptions = EnvHttpProxyAgent.Options;

/**
 * HTTP/1.1 only. Over HTTP/2 all requests to a host share one connection: what is paced, resumed and given up by
 * connections would share its fate, and a stalled reader of one body hold up the others.
 */
export const HTTP1 = { allowH2: false } as const;

/**
 * Honours HTTP_PROXY, HTTPS_PROXY and NO_PROXY. TLS through a proxy is that of `connect`, or `requestTls` where `connect` is a
 * function. Throws for a proxy whose URL cannot be read.
 */
export function createDispatcher(
  options: DispatcherOptions,
  env: NodeJS.ProcessEnv = process.env,
): Dispatcher {
  const { http, https } = proxiesOf(env);
  const noProxy = env.no_proxy ?? env.NO_PROXY ?? '';
  // An agent for proxies makes TLS of its own inside the tunnel, and knows nothing of `connect`.
  const requestTls =
    options.requestTls ?? (typeof options.connect === 'object' ? options.connect : undefined);
  const over = (proxy: ForwardProxy | undefined): Dispatcher => {
    const uri = proxy?.uri ?? '';
    const headers = proxy?.headers;
    return new EnvHttpProxyAgent({
      ...HTTP1,
      ...options,
      httpProxy: uri,
      httpsProxy: uri,
      noProxy,
      ...(requestTls && { requestTls }),
      ...(headers && { headers }),
    });
  };
  return http === https ? over(http) : new ByProtocol(over(http), over(https));
}

/** Each proxy has its own login, and an agent takes one. */
class ByProtocol extends Dispatcher {
  readonly #http: Dispatcher;
  readonly #https: Dispatcher;

  constructor(http: Dispatcher, https: Dispatcher) {
    super();
    this.#http = http;
    this.#https = https;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const isTls = String(options.origin).startsWith('https:');
    return (isTls ? this.#https : this.#http).dispatch(options, handler);
  }

  override async close(): Promise<void> {
    await Promise.all([this.#http.close(), this.#https.close()]);
  }

  override async destroy(): Promise<void> {
    await Promise.all([this.#http.destroy(), this.#https.destroy()]);
  }
}
