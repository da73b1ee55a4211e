/** Debian's versions, deb-version(7): parsed, compared as dpkg does, and as byte keys of the same order. */
import type { VersionScheme } from '../../contract/version-scheme.ts';
import { comparePart, keyOfPart } from '../../formats/versions/debian-part.ts';

export interface DpkgVersion {
  readonly epoch: number;
  readonly upstream: string;
  /** '0' where the text has none: dpkg takes the two for equal. */
  readonly revision: string;
}

const EPOCH = /^\+?\d+$/;
const MAX_EPOCH = 2_147_483_647;
const UPSTREAM = /^\d[A-Za-z0-9.+~:-]*$/;
const REVISION = /^[A-Za-z0-9.+~]+$/;

/**
 * Reads a version; undefined if `dpkg --validate-version` calls its syntax bad. That takes blanks around a version and a
 * plus sign before its epoch.
 */
export function parseDpkg(text: string): DpkgVersion | undefined {
  const version = trimBlanks(text);
  const colon = version.indexOf(':');
  if (colon >= 0 && !EPOCH.test(version.slice(0, colon))) return undefined;
  const epoch = colon < 0 ? 0 : Number(version.slice(0, colon));
  const hyphen = version.lastIndexOf('-');
  const upstream = version.slice(colon + 1, hyphen < 0 ? undefined : hyphen);
  const revision = hyphen < 0 ? '0' : version.slice(hyphen + 1);
  if (epoch > MAX_EPOCH || !UPSTREAM.test(upstream) || !REVISION.test(revision)) return undefined;
  return { epoch, upstream, revision };
}

/** Without the blanks of the C locale; `trim` would also take Unicode's, which dpkg refuses. */
function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}

/** Negative, 0 or positive, as dpkg orders them. */
export function compareDpkg(a: DpkgVersion, b: DpkgVersion): number {
  return a.epoch - b.epoch || comparePart(a.upstream, b.upstream) || comparePart(a.revision, b.revision);
}

/**
 * Bytes that sort as the version does: epoch in four bytes, then upstream version and revision.
 */
export function keyOfDpkg({ epoch, upstream, revision }: DpkgVersion): Buffer {
  const bytes = [epoch >>> 24, (epoch >>> 16) & 0xff, (epoch >>> 8) & 0xff, epoch & 0xff];
  return Buffer.concat([Buffer.from(bytes), keyOfPart(upstream), keyOfPart(revision)]);
}

/** The scheme of Debian and all that descends from it. */
export const dpkgVersions: VersionScheme<DpkgVersion> = {
  id: 'dpkg',
  parse: parseDpkg,
  compare: compareDpkg,
  key: keyOfDpkg,
};
