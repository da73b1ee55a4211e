/** Rules about what Clair has no detector for at all: Rust, PHP, .NET, and programs that no package brought. */
import { inflateSync } from 'node:zlib';
import { indexOfLayer } from './image-evidence.ts';
import { fileAt } from './layers.ts';
import type { NormalPackage } from './normal-form.ts';
import type { Case, Rule } from './rule.ts';

/** Detector -> whether the file that it names in `package_db` has the package, read apart from the code under test. */
const READERS: Readonly<Record<string, (file: Buffer, pkg: NormalPackage) => boolean>> = {
  'cargo-auditable': (file, { name, version }) =>
    [...jsonStreams(file)].some((text) => text.includes(`"name":"${name}","version":"${version}"`)),
  composer: (file, { name, version }) =>
    new RegExp(`"name":\\s*"${quoted(name)}",\\s*"version":\\s*"${quoted(version)}"`).test(
      file.toString().replaceAll('\\/', '/'),
    ),
  program: (file, { version }) => file.includes(version),
  'dotnet-deps': (file, { name, version }) =>
    new RegExp(`"(runtimepack\\.)?${quoted(name)}/${quoted(version)}":`).test(file.toString()),
};

/** The rules. */
export const newEcosystemRules: readonly Rule[] = [
  {
    id: 'new-ecosystem-packages',
    reason:
      'Rust programs of cargo-auditable, Composer and .NET packages, and programs that no package brought are found; Clair has no detector of them',
    explains: (atom, at) =>
      atom.atom === 'package' &&
      atom.side === 'extra' &&
      atom.package.detector in READERS &&
      atom.package.environments.every((environment) => isThere(atom.package, environment, at)),
  },
];

type Environment = NormalPackage['environments'][number];

function isThere(pkg: NormalPackage, { packageDb, introducedIn }: Environment, at: Case): boolean {
  const layer = at.layers()[indexOfLayer(introducedIn, at)];
  const file = layer && fileAt(layer, packageDb.replace(/^[a-z]+:/, ''));
  return file !== undefined && READERS[pkg.detector]?.(file, pkg) === true;
}

/** All that is JSON in zlib's format anywhere in `file`. */
function* jsonStreams(file: Buffer): Generator<string> {
  for (let at = file.indexOf(0x78); at >= 0; at = file.indexOf(0x78, at + 1)) {
    // RFC 1950: the first two bytes are a multiple of 31.
    if (((file[at] ?? 0) * 256 + (file[at + 1] ?? 0)) % 31 !== 0) continue;
    try {
      const text = inflateSync(file.subarray(at), { maxOutputLength: 16 * 1024 * 1024 }).toString();
      if (text.startsWith('{"packages":')) yield text;
    } catch {
      // it only looked so
    }
  }
}

function quoted(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
