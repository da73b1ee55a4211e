/** From rpm's header of an installed package to what a report says of it. */
import { streamOf } from '../../../formats/versions/module-stream.ts';
import type { Package, SourcePackage } from '../../../model/package.ts';
import type { RpmHeader } from './header.ts';

// rpm's docs/manual/tags.md
const TAG = {
  name: 1000,
  version: 1001,
  release: 1002,
  epoch: 1003,
  arch: 1022,
  sourceRpm: 1044,
  modularityLabel: 5096,
} as const;

/** What rpm calls the keys that packages are signed with, which it keeps among them. */
const KEYS = 'gpg-pubkey';

/** The package of `header`; undefined if it is a key. Throws if it is not readable as a package. */
export function packageOf(header: RpmHeader): Omit<Package, 'detector'> | undefined {
  const name = needed(header, TAG.name, 'name');
  if (name === KEYS) return undefined;
  const versionRelease = `${needed(header, TAG.version, 'version')}-${needed(header, TAG.release, 'release')}`;
  const epoch = header.number(TAG.epoch) ?? 0;
  const arch = header.text(TAG.arch) ?? '';
  const source = sourceOf(header.text(TAG.sourceRpm) ?? '', versionRelease, epoch);
  const module = streamOf(header.text(TAG.modularityLabel));
  return {
    name,
    version: withEpoch(epoch, versionRelease),
    kind: 'binary',
    ...(source === undefined ? {} : { source }),
    ...(module === undefined ? {} : { module }),
    ...(arch === '' ? {} : { arch }),
  };
}

function needed(header: RpmHeader, tag: number, what: string): string {
  const text = header.text(tag);
  if (!text) throw new TypeError(`no ${what}`);
  return text;
}

/** `[epoch:]version-release`, without an epoch that is 0. */
export function withEpoch(epoch: number, versionRelease: string): string {
  return epoch === 0 ? versionRelease : `${epoch}:${versionRelease}`;
}

const SOURCE_RPM = /^(.+)-([^-]+-[^-]+?)(?:\.(?:src|nosrc))?\.rpm$/;

/**
 * `NAME-VERSION-RELEASE.src.rpm`: a file name has no epoch. Where version and release are those of the package, its epoch
 * is taken to be that of the source too; a package with a version of its own has an epoch of its own.
 */
// differs: a source of the version of the package has its epoch, not always 0 (clair-indexing.md#rpm-sources)
export function sourceOf(file: string, versionRelease: string, epoch: number): SourcePackage | undefined {
  const [, name, version] = SOURCE_RPM.exec(file) ?? [];
  if (name === undefined || version === undefined) return undefined;
  return { name, version: withEpoch(version === versionRelease ? epoch : 0, version) };
}
