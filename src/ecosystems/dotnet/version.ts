/** Versions of NuGet packages (learn.microsoft.com/nuget/concepts/package-versioning): semver 2 with an optional fourth number. */

import type { VersionScheme } from '../../contract/version-scheme.ts';
import { compareDigits, digitsKey, stripZeros } from '../../formats/versions/number-key.ts';
import { compareSemver, type Semver, semverKey } from '../../formats/versions/semver.ts';

/** The pre-release is in lower case: NuGet compares it so. */
export interface NugetVersion extends Semver {
  /** The fourth number, '0' if there is none. */
  readonly revision: string;
}

/** Bounds the work on foreign text. */
const MAX_LENGTH = 256;

const LABELS = '[0-9a-z-]+(?:\\.[0-9a-z-]+)*';
const VERSION = new RegExp(`^(\\d+(?:\\.\\d+){0,3})(?:-(${LABELS}))?(?:\\+${LABELS})?$`);

/** The version that `text` is; undefined if it is none. NuGet: missing numbers are 0, leading zeros are nothing. */
export function parseNuget(text: string): NugetVersion | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const [, numbers, labels] = VERSION.exec(text.trim().toLowerCase()) ?? [];
  if (numbers === undefined) return undefined;
  const [major = '0', minor = '0', patch = '0', revision = '0'] = numbers.split('.').map(stripZeros);
  const prerelease = labels === undefined ? [] : labels.split('.');
  return {
    major,
    minor,
    patch,
    revision,
    prerelease: prerelease.map((label) => (/^\d+$/.test(label) ? stripZeros(label) : label)),
  };
}

/** The number that semver does not have stands between the three that it has and the pre-release. */
function compare(a: NugetVersion, b: NugetVersion): number {
  return (
    compareSemver({ ...a, prerelease: [] }, { ...b, prerelease: [] }) ||
    compareDigits(a.revision, b.revision) ||
    compareSemver(a, b)
  );
}

function key({ major, minor, patch, revision, prerelease }: NugetVersion): Buffer {
  return Buffer.concat([
    ...[major, minor, patch].map(digitsKey),
    semverKey({ major: revision, minor: '0', patch: '0', prerelease }),
  ]);
}

/** The order of NuGet. */
export const nugetVersions: VersionScheme<NugetVersion> = { id: 'nuget', parse: parseNuget, compare, key };
