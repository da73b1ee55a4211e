/** Reads what Harbor asks for: which artifact, from where, and what to make of it. */

import type { z } from 'zod';
import { AppError } from '../errors.ts';
import { parseBody } from '../http/json-body.ts';
import type { Credentials } from '../image/registry/credentials.ts';
import { parseReference } from '../image/registry/reference.ts';
import type { PullSource } from '../indexer/pulls/pull.ts';
import { HarborScanRequest } from '../model/api/harbor.ts';
import { CONSUMED, INDEXES, isOneOf, REPORT_TYPES, SBOM_TYPES, VULNERABILITY_TYPES } from './media-types.ts';

/** As Harbor wrote it: reports repeat it. */
export type HarborArtifact = z.infer<typeof HarborScanRequest>['artifact'];

export interface ScanRequest {
  readonly source: PullSource;
  readonly artifact: HarborArtifact;
  /** The `Authorization` header for the registry; '': none. */
  readonly authorization: string;
}

const PRODUCED: Readonly<Record<string, readonly string[]>> = {
  vulnerability: VULNERABILITY_TYPES,
  sbom: SBOM_TYPES,
};

/**
 * Throws `bad-request` for what is no JSON or has values of wrong types, `invalid-field` for values that are missing or mean
 * nothing, `not-supported` for artifacts and capabilities that there are not.
 */
export function readScanRequest(body: unknown): ScanRequest {
  const { registry, artifact, enabled_capabilities: capabilities } = parse(body);
  const url = readUrl(registry.url);
  const authorization = registry.authorization ?? '';
  if (authorization !== '' && loginOf(authorization) === undefined)
    throw invalid('registry.authorization', 'neither Basic nor Bearer');
  const { digest, tag, mime_type: type } = artifact;
  const name = digest || tag;
  if (!name) throw invalid('artifact.digest', 'missing');
  checkName(url.host, artifact.repository, digest || undefined, tag || undefined);
  if (type && !isOneOf(type, [...CONSUMED, ...INDEXES]))
    throw new AppError('not-supported', `artifact.mime_type: ${JSON.stringify(type)} cannot be scanned`);
  for (const { type: capability, produces_mime_types: wanted } of capabilities ?? []) {
    const produced = Object.hasOwn(PRODUCED, capability) ? PRODUCED[capability]! : undefined;
    if (produced === undefined)
      throw new AppError(
        'not-supported',
        `enabled_capabilities: ${JSON.stringify(capability)} is not supported`,
      );
    if (wanted && wanted.length > 0 && !wanted.some((each) => isOneOf(each, produced)))
      throw new AppError(
        'not-supported',
        `enabled_capabilities: none of ${JSON.stringify(wanted)} can be produced. Available: ${REPORT_TYPES.join(', ')}`,
      );
  }
  const source = {
    host: url.host,
    repository: artifact.repository,
    name,
    plainHttp: url.protocol === 'http:',
  };
  return { source, artifact, authorization };
}

/** The login that a header of RFC 7617 or RFC 6750 is; undefined: it is none. */
export function loginOf(authorization: string): Credentials | undefined {
  const [, scheme = '', value = ''] = /^(Basic|Bearer):? +(\S+) *$/i.exec(authorization) ?? [];
  if (scheme.toLowerCase() === 'bearer') return { registryToken: value };
  if (scheme.toLowerCase() !== 'basic') return undefined;
  const pair = Buffer.from(value, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon > 0 ? { username: pair.slice(0, colon), password: pair.slice(colon + 1) } : undefined;
}

function parse(body: unknown): z.infer<typeof HarborScanRequest> {
  const json = parseBody(body);
  const read = HarborScanRequest.safeParse(json);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const path = issue?.path ?? [];
  const value = path.reduce<unknown>((inner, key) => Object(inner)[key], json);
  if (value === undefined) throw invalid(path.join('.'), 'missing');
  throw new AppError(
    'bad-request',
    `${path.join('.') || 'body'}: ${issue?.message ?? 'not as it should be'}`,
  );
}

function readUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw invalid('registry.url', 'not an http or https URL');
  if (url.username !== '' || url.password !== '')
    throw invalid('registry.url', 'has credentials: send them as registry.authorization');
  if (url.pathname !== '/' || url.search !== '')
    throw invalid(
      'registry.url',
      'has a path: expected the base URL of a registry, such as https://harbor.example.com',
    );
  return url;
}

function checkName(
  host: string,
  repository: string,
  digest: string | undefined,
  tag: string | undefined,
): void {
  const name = `${host}/${repository}${digest === undefined ? `:${tag}` : `@${digest}`}`;
  try {
    // A host without dots and port, as of a container beside, would be taken for a part of the repository.
    parseReference(name.replace(/^[^/]*/, 'registry.invalid:443'));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.replace(/^.*? is not an image name: /, '') : '';
    throw new AppError('invalid-field', `artifact: ${reason}`, { cause });
  }
}

function invalid(field: string, why: string): AppError {
  return new AppError('invalid-field', `${field}: ${why}`);
}
