/** The proxies of the environment. */
import { Secret } from './secret.ts';

export interface ForwardProxy {
  /** Without user and password. */
  readonly uri: string;
  /** What the proxy is told of who asks. */
  readonly headers?: Record<string, string>;
}

export interface Proxies {
  readonly http: ForwardProxy | undefined;
  /** The same object as `http` if there is no other one, as curl and Go do not, but undici does. */
  readonly https: ForwardProxy | undefined;
}

/** Returns the proxies of `http_proxy` and `https_proxy`; lower case goes before upper case, as everywhere. */
export function proxiesOf(env: NodeJS.ProcessEnv): Proxies {
  const http = proxyOf(env.http_proxy ?? env.HTTP_PROXY ?? '');
  const own = env.https_proxy ?? env.HTTPS_PROXY ?? '';
  return { http, https: own === '' ? http : proxyOf(own) };
}

export function hasProxy(env: NodeJS.ProcessEnv = process.env): boolean {
  const { http, https } = proxiesOf(env);
  return http !== undefined || https !== undefined;
}

function proxyOf(text: string): ForwardProxy | undefined {
  if (text === '') return undefined;
  const url = URL.parse(text);
  if (url === null || (url.username === '' && url.password === '')) return { uri: text };
  const login = [url.username, url.password].map(decoded).join(':');
  const authorization = new Secret(`Basic ${Buffer.from(login).toString('base64')}`);
  url.username = '';
  url.password = '';
  return { uri: url.href, headers: headersOf(authorization) };
}

/** A `%` that begins no code is one of the password, as for curl. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Headers that have their value only while a request is made of them: undici keeps what it is given for as long as the
 * process runs, and copies of it by JSON.
 */
function headersOf(authorization: Secret): Record<string, string> {
  const headers: Record<string, string> = {};
  Object.defineProperty(headers, 'proxy-authorization', {
    enumerable: true,
    get: () => authorization.reveal(),
  });
  Object.defineProperty(headers, 'toJSON', { value: () => ({}) });
  return headers;
}
