/** Authenticated requests to one repository of a registry (OCI distribution-spec; Docker's token authentication). */

import { pause } from '../../lib/clock.ts';
import { type AuthorizeParts, authorize, denied } from './authorize.ts';
import { type CertificateOptions, readTlsSettings } from './certificates.ts';
import { parseChallenges } from './challenge.ts';
import { type Credentials, type FoundCredentials, findCredentials } from './credentials.ts';
import { DEFAULT_RETRY, isNoTls, retryDelay } from './http-retry.ts';
import { apiHost, isLocal, type Reference, showReference } from './reference.ts';
import type { TlsSettings } from './tls-settings.ts';
import type {
  RegistryRequest,
  RegistryResponse,
  RegistryTransport,
  RegistryTransportOptions,
} from './transport.ts';

export interface RegistrySessionOptions extends CertificateOptions, Omit<RegistryTransportOptions, 'tls'> {
  /** Only plain HTTP. */
  readonly plainHttp?: boolean;
  /** Never plain HTTP, even if nobody speaks TLS at a host of this network. */
  readonly tlsOnly?: boolean;
  /** In place of what is stored. */
  readonly login?: Credentials;
  /** What tokens are asked for; default: `pull`. */
  readonly access?: Access;
}

export type Access = 'pull' | 'push' | 'catalog';

export interface RegistrySession extends AsyncDisposable {
  readonly tls: TlsSettings;
  /** The address of `path`, and what it is asked for with at the moment. */
  address(path: string): { readonly url: URL; readonly authorization: string | undefined };
  /** GET of `path` below the repository, e.g. `manifests/latest`; any status but 401 is returned. */
  get(path: string, headers: Readonly<Record<string, string>>): Promise<RegistryResponse>;
  /** Any request to a path below the repository, or to a URL that the registry gave: another host gets no credentials. */
  send(target: string | URL, ask: RegistryRequest): Promise<RegistryResponse>;
  /** Waits before another try after `failures` (1, 2, …), as long as `answer` demands; false: there is no other one. */
  wait(failures: number, answer?: RegistryResponse): Promise<boolean>;
}

/** Opens a session; nothing is sent before the first `get`. Throws `bad-target` if certificates cannot be read. */
export async function openRegistrySession(
  reference: Reference,
  options: RegistrySessionOptions,
): Promise<RegistrySession> {
  const { host, repository } = reference;
  const tls = await readTlsSettings(host, apiHost(host), options);
  const { openTransport } = await import('./transport.ts');
  const transport = openTransport({ ...options, tls });
  return new TokenSession({ transport, tls, host, repository, name: showReference(reference), options });
}

const DENIED: Readonly<Record<Access, string>> = {
  pull: 'image not found, or access denied',
  catalog: 'the list of repositories is not open to these credentials',
  push: 'access denied: these credentials have no permission to push',
};

interface SessionParts {
  readonly transport: RegistryTransport;
  readonly tls: TlsSettings;
  readonly host: string;
  readonly repository: string;
  readonly name: string;
  readonly options: RegistrySessionOptions;
}

class TokenSession implements RegistrySession {
  readonly #parts: SessionParts;
  #base: URL;
  #isBaseKnown: boolean;
  #authorization: string | undefined;
  #renewal: Promise<void> | undefined;
  #found: FoundCredentials | undefined;

  constructor(parts: SessionParts) {
    const { host, options } = parts;
    this.#parts = parts;
    this.#base = new URL(`${options.plainHttp ? 'http' : 'https'}://${apiHost(host)}`);
    this.#isBaseKnown = options.plainHttp || options.tlsOnly || !(options.insecure || isLocal(host));
    this.#found = options.login && { credentials: options.login, problems: [] };
  }

  get tls(): TlsSettings {
    return this.#parts.tls;
  }

  address(path: string): { readonly url: URL; readonly authorization: string | undefined } {
    return { url: this.#urlOf(path), authorization: this.#authorization };
  }

  get(path: string, headers: Readonly<Record<string, string>>): Promise<RegistryResponse> {
    return this.send(path, { headers });
  }

  async send(target: string | URL, ask: RegistryRequest): Promise<RegistryResponse> {
    const first = await this.#attempt(target, ask);
    // A 401 of a host that a redirect led to is no question of ours.
    if (first.status !== 401 || first.url.origin !== this.#base.origin) return first;
    await first.discard();
    await this.#renew(first);
    const second = await this.#attempt(target, ask);
    if (second.status !== 401) return second;
    await second.discard();
    const found = this.#found ?? { problems: [] };
    throw denied(this.#authorizing(), DENIED[this.#access], found);
  }

  async wait(failures: number, answer?: RegistryResponse): Promise<boolean> {
    const { retry = DEFAULT_RETRY, signal } = this.#parts.options;
    const delay = retryDelay(retry, failures, answer?.header('retry-after'));
    if (delay === undefined) return false;
    await pause(delay, signal, retry.clock);
    return true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.transport[Symbol.asyncDispose]();
  }

  get #access(): Access {
    return this.#parts.options.access ?? 'pull';
  }

  #urlOf(path: string | URL): URL {
    if (path instanceof URL) return path;
    return new URL(`/v2/${this.#parts.repository}/${path}`, this.#base);
  }

  /** Where nobody knows whether the registry speaks TLS, the first attempt tells. */
  async #attempt(target: string | URL, ask: RegistryRequest): Promise<RegistryResponse> {
    const { transport, host } = this.#parts;
    const send = () => {
      const url = this.#urlOf(target);
      const authorization = url.origin === this.#base.origin ? this.#authorization : undefined;
      const headers = { ...ask.headers, ...(authorization !== undefined && { authorization }) };
      return transport.ask(url, { ...ask, headers });
    };
    try {
      return await send();
    } catch (error) {
      if (this.#isBaseKnown || !isNoTls(error)) throw error;
      this.#base = new URL(`http://${apiHost(host)}`);
      return await send();
    } finally {
      this.#isBaseKnown = true;
    }
  }

  /** Also how a token that ran out is renewed: once, however many requests were refused with it. */
  async #renew(refused: RegistryResponse): Promise<void> {
    if (refused.sent.authorization !== this.#authorization) return; // there is another one already
    this.#renewal ??= this.#authorize(refused).finally(() => {
      this.#renewal = undefined;
    });
    await this.#renewal;
  }

  async #authorize(refused: RegistryResponse): Promise<void> {
    const { host, repository, options } = this.#parts;
    const challenges = parseChallenges(refused.header('www-authenticate'));
    this.#found ??= await findCredentials(host, repository, options.env, options.signal);
    this.#authorization = await authorize(this.#authorizing(), challenges, this.#found);
  }

  #authorizing(): AuthorizeParts {
    const { transport, host, repository, name, options } = this.#parts;
    const plainTokens = (): boolean => this.#base.protocol !== 'https:' || Boolean(options.insecure);
    const isGiven = options.login !== undefined;
    return { transport, host, repository, name, access: this.#access, isGiven, plainTokens };
  }
}
