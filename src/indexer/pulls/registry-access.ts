/** How registries are reached: as the configuration says of each, or with what Harbor sent along. */

import type { Credentials } from '../../image/registry/credentials.ts';
import type { RegistryImagesOptions } from '../../image/registry/registry.ts';
import type { Secret } from '../../lib/secret.ts';
import type { PullSource } from './pull.ts';

/** A registry of the configuration (`indexer.registries`). */
export interface ConfiguredRegistry {
  readonly host: string;
  readonly username?: string | undefined;
  readonly password?: Secret | undefined;
  readonly plain_http: boolean;
  readonly insecure: boolean;
  readonly ca_cert?: string | undefined;
  readonly repositories: readonly string[];
  readonly platforms: readonly string[];
  /** ms; 0: none. */
  readonly walk_interval: number;
  readonly forget_deleted: boolean;
  readonly artifactory_access: 'path' | 'host';
}

/** Images of one index: more platforms than anybody builds for. */
const MAX_IMAGES = 64;

export interface AccessParts {
  readonly registries: readonly ConfiguredRegistry[];
  readonly airgap: boolean;
}

/** Returns how to ask the registry of `source`; what was `sent` along takes the place of the configured login, also if it is none. */
export function accessTo(
  { host, plainHttp }: Pick<PullSource, 'host' | 'plainHttp'>,
  { registries, airgap }: AccessParts,
  signal: AbortSignal,
  sent?: { readonly login: Credentials | undefined },
): RegistryImagesOptions {
  const found = registries.find((registry) => registry.host === host);
  const { HTTP_PROXY, HTTPS_PROXY, NO_PROXY, http_proxy, https_proxy, no_proxy } = process.env;
  const configured =
    found?.username !== undefined && found.password !== undefined
      ? { username: found.username, password: found.password.reveal() }
      : undefined;
  const credentials = sent === undefined ? configured : sent.login;
  const plain = plainHttp ?? found?.plain_http ?? false;
  return {
    // Not the files of logins of whoever started the service: proxies are all that is taken from the environment.
    env: { HTTP_PROXY, HTTPS_PROXY, NO_PROXY, http_proxy, https_proxy, no_proxy },
    signal,
    guard: { airgap },
    insecure: found?.insecure ?? false,
    ...(found?.ca_cert !== undefined && { caCert: found.ca_cert }),
    ...(plain ? { plainHttp: true } : { tlsOnly: true }),
    ...(credentials && { login: credentials }),
    platforms: sent === undefined ? (found?.platforms ?? []) : [],
    limit: MAX_IMAGES,
  };
}

/** Whether `repository` fits one of `patterns`, in which `*` stands for any characters. */
export function fitsRepository(repository: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    const parts = pattern.split('*').map((part) => part.replace(/[.\\]/g, '\\$&'));
    return new RegExp(`^${parts.join('.*')}$`).test(repository);
  });
}
