/** Rules about the packages of operating systems. */
import type { Atom } from './atoms.ts';
import {
  apkNames,
  DPKG,
  dpkgRecord,
  dpkgRecords,
  isThere,
  layersAbove,
  OS_DATABASES,
} from './image-evidence.ts';
import { fileAt, removes } from './layers.ts';
import type { Rule } from './rule.ts';

const isExtraPackage = (atom: Atom) => atom.atom === 'package' && atom.side === 'extra';

/** The rules. */
export const osPackageRules: readonly Rule[] = [
  {
    id: 'dpkg-multi-arch',
    reason: 'the same package of two architectures is two packages (indexing.md §9.6)',
    explains(atom, at) {
      if (!isExtraPackage(atom) || atom.atom !== 'package' || atom.package.detector !== 'dpkg') return false;
      const { name, arch } = atom.package;
      return (
        dpkgRecord(atom.package, at) !== undefined &&
        at.ours.packages.some(
          (other) => other.name === name && other.arch !== arch && other.detector === 'dpkg',
        )
      );
    },
  },
  {
    id: 'dpkg-last-record',
    reason:
      'the last record of a status file counts without a blank line after it (indexing.md §4.1: "lost")',
    explains(atom, at) {
      return (
        isExtraPackage(atom) &&
        atom.atom === 'package' &&
        DPKG.has(atom.package.detector) &&
        (dpkgRecord(atom.package, at)?.unterminated ?? false)
      );
    },
  },
  {
    id: 'dpkg-broken-neighbour',
    reason: 'a record that cannot be read loses only itself (indexing.md §9.8)',
    explains(atom, at) {
      if (!isExtraPackage(atom) || atom.atom !== 'package' || !DPKG.has(atom.package.detector)) return false;
      const broken = dpkgRecords(atom.package, at).some(
        ({ name, version, arch }) => name === '' || version === '' || arch === '',
      );
      return broken && isThere(atom.package, at);
    },
  },
  {
    id: 'dpkg-source-of-its-own',
    reason:
      'the source is what the record itself says, not what an earlier record of that source said (indexing.md §9.6)',
    explains(atom, at) {
      if (atom.atom !== 'field' || atom.field !== 'source' || atom.ours.detector !== 'dpkg') return false;
      return dpkgRecord(atom.ours, at)?.source === atom.ours.source;
    },
  },
  {
    id: 'distroless-source',
    reason:
      'Source of a distroless record is read as everywhere, and its own name stands in for an absent one (indexing.md §9.6)',
    explains(atom, at) {
      if (atom.atom !== 'field' || atom.field !== 'source' || atom.ours.detector !== 'dpkg-distroless')
        return false;
      return dpkgRecord(atom.ours, at)?.source === atom.ours.source;
    },
  },
  {
    id: 'apk-last-record',
    reason:
      'the last record of an apk database counts without a blank line after it (indexing.md §4.3: "dropped")',
    explains(atom, at) {
      if (!isExtraPackage(atom) || atom.atom !== 'package' || atom.package.detector !== 'apk') return false;
      return apkNames(atom.package, at).at(-1) === atom.package.name;
    },
  },
  {
    id: 'apk-source-of-its-own',
    reason:
      'the version of the origin is that of the package, not of the first package with that origin (indexing.md §9.6)',
    explains(atom) {
      if (atom.atom !== 'field' || atom.field !== 'source' || atom.ours.detector !== 'apk') return false;
      return (
        atom.ours.sourceVersion === atom.ours.version && atom.golden.sourceVersion !== atom.golden.version
      );
    },
  },
  {
    id: 'os-database-removed',
    reason:
      'an OS package database that a higher layer removes or empties has no packages (indexing.md §9.5)',
    explains(atom, at) {
      if (atom.atom !== 'package' || atom.side !== 'missing' || !OS_DATABASES.has(atom.package.detector))
        return false;
      const { name, environments } = atom.package;
      return environments.every(({ packageDb }) =>
        layersAbove(atom.package, at).some((layer) => {
          const file = fileAt(layer, packageDb)?.toString('utf8');
          const named = file?.split('\n').some((line) => line === `Package: ${name}` || line === `P:${name}`);
          return removes(layer, packageDb) || named === false;
        }),
      );
    },
  },
  {
    id: 'distribution-named',
    reason:
      'a distribution that nobody reads is named from os-release, so that its image is not told as safe (indexing.md §9.16, wishes.md 1)',
    explains(atom, at) {
      if (atom.atom !== 'distribution' || atom.side !== 'extra' || at.golden.distributions.length > 0)
        return false;
      const { did } = JSON.parse(atom.value) as { did: string };
      return at.layers().some((layer) => {
        const text = fileAt(layer, 'etc/os-release') ?? fileAt(layer, 'usr/lib/os-release');
        return new RegExp(`^ID=["']?${did}["']?$`, 'm').test(text?.toString('utf8') ?? '');
      });
    },
  },
];
