/** Versions of Go modules and of the Go toolchain itself (go.dev/ref/mod#versions, go.dev/doc/toolchain#version). */

import type { VersionScheme } from '../../contract/version-scheme.ts';
import { compareSemver, parseSemver, type Semver, semverKey } from '../../formats/versions/semver.ts';

/** `1.20`, `1.21rc2`, `1.9beta1`: how the toolchain writes what semver writes `1.20.0`, `1.21.0-rc.2`, `1.9.0-beta.1`. */
const TOOLCHAIN = /^(0|[1-9]\d*)(?:\.(0|[1-9]\d*)(?:\.(0|[1-9]\d*))?)?(?:(alpha|beta|rc)(0|[1-9]\d*))?$/;

/** go.dev/ref/mod#versions: the short forms `v1` and `v1.2` say nothing of a pre-release or build. */
const SHORT = /^v(0|[1-9]\d*)(?:\.(0|[1-9]\d*))?$/;

/**
 * Semantic versions with or without `v`. A pseudo-version is a pre-release of the version after its base, which is
 * just how semver orders it; `+incompatible` is build metadata and has no order.
 */
// differs: pre-releases and pseudo-versions are below their release, and `1.21rc2` is a version (clair-indexing.md#language-versions)
export const goVersions: VersionScheme<Semver> = {
  id: 'go',
  parse: (text) => parseSemver(text, { prefixV: true }) ?? parseShort(text) ?? parseToolchain(text),
  compare: compareSemver,
  key: semverKey,
};

function parseShort(text: string): Semver | undefined {
  const match = text.length <= 256 ? SHORT.exec(text) : null;
  return match ? parseSemver(`${match[1]}.${match[2] ?? 0}.0`) : undefined;
}

function parseToolchain(text: string): Semver | undefined {
  const match = text.length <= 256 ? TOOLCHAIN.exec(text) : null;
  if (match === null) return undefined;
  const [, major, minor = '0', patch = '0', stage, number] = match;
  return parseSemver(`${major}.${minor}.${patch}${stage ? `-${stage}.${number}` : ''}`);
}
