/** Names of images in registries: `[host/]repository[:tag][@digest]`, with Docker's defaults. */
import { isIPv4 } from 'node:net';
import { AppError } from '../../errors.ts';
import { type Digest, parseDigest } from '../../model/digest.ts';

export interface Reference {
  /** Host and perhaps port, as written; `docker.io` by default. */
  readonly host: string;
  readonly repository: string;
  /** `latest` if there is no digest either. */
  readonly tag?: string;
  readonly digest?: Digest;
}

const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const HOST = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

/** Throws `bad-target` that says what is wrong with `text`. */
export function parseReference(text: string): Reference {
  const bad = (why: string) =>
    new AppError('bad-target', `${JSON.stringify(text)} is not an image name: ${why}`);
  if (text.length > 1000) throw bad('it is too long');
  const at = text.indexOf('@');
  const named = at < 0 ? text : text.slice(0, at);
  let digest: Digest | undefined;
  if (at >= 0) {
    try {
      digest = parseDigest(text.slice(at + 1));
    } catch {
      throw bad('after @ there must be sha256:<64 hex> or sha512:<128 hex>');
    }
  }
  const colon = named.lastIndexOf(':');
  const hasTag = colon > named.lastIndexOf('/');
  const tag = hasTag ? named.slice(colon + 1) : undefined;
  if (tag !== undefined && !TAG.test(tag)) throw bad(`bad tag ${JSON.stringify(tag)}`);

  const parts = (hasTag ? named.slice(0, colon) : named).split('/');
  // Docker's rule: a first part with a dot or colon, or an upper-case letter, is a host; else it belongs to the path.
  const [first = ''] = parts;
  const hasHost = parts.length > 1 && (/[.:]|[A-Z]/.test(first) || first === 'localhost');
  const written = hasHost ? first : 'docker.io';
  if (!HOST.test(written)) throw bad(`bad host ${JSON.stringify(written)}`);
  const host = /^(?:index\.|registry-1\.)?docker\.io$/.test(written) ? 'docker.io' : written;
  const path = hasHost ? parts.slice(1) : parts;
  if (!path.every((part) => COMPONENT.test(part)))
    throw bad('a repository is made of a-z, 0-9 and single . _ - between /');
  const repository = host === 'docker.io' && path.length === 1 ? `library/${path[0]}` : path.join('/');
  return {
    host,
    repository,
    ...(tag === undefined ? (digest === undefined ? { tag: 'latest' } : {}) : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** `docker.io/library/debian:12`. */
export function showReference({ host, repository, tag, digest }: Reference): string {
  return `${host}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

/** Where the registry of `host` is reached: Docker Hub's API has a name of its own. */
export function apiHost(host: string): string {
  return host === 'docker.io' ? 'registry-1.docker.io' : host;
}

/** Hosts that may be spoken to without TLS: on this machine or in a private IPv4 network (RFC 1918). */
export function isLocal(host: string): boolean {
  const name = host.replace(/:\d+$/, '');
  return (
    isLoopback(name) ||
    name.endsWith('.local') ||
    (isIPv4(name) && /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)/.test(name))
  );
}

/** This machine, that no proxy knows the way to; `name` as in a URL, without its port. */
export function isLoopback(name: string): boolean {
  return name === 'localhost' || name === '[::1]' || (isIPv4(name) && name.startsWith('127.'));
}
