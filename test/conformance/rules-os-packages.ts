/** Rules about the packages of operating systems. */
import type { Atom } from './atoms.ts';
import {
  apkNames,
  apkRecords,
  DPKG,
  databaseOf,
  dpkgRecord,
  dpkgRecords,
  isThere,
  layersFrom,
  OS_DATABASES,
} from './image-evidence.ts';
import { fileAt, removes } from './layers.ts';
import type { NormalPackage } from './normal-form.ts';
import type { Rule } from './rule.ts';

const isExtraPackage = (atom: Atom) => atom.atom === 'package' && atom.side === 'extra';

/** The rules. */
export const osPackageRules: readonly Rule[] = [
  {
    id: 'dpkg-multi-arch',
    reason: 'the same package of two architectures is two packages (clair-indexing.md#sources-of-packages)',
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
      'the last record of a status file counts without a blank line after it (clair-indexing.md#debian-packages)',
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
    reason: 'a record that cannot be read loses only itself (clair-indexing.md#one-bad-record)',
    explains(atom, at) {
      if (!isExtraPackage(atom) || atom.atom !== 'package' || !DPKG.has(atom.package.detector)) return false;
      const broken = dpkgRecords(atom.package, at).some(
        ({ name, version, arch, odd }) => odd || name === '' || version === '' || arch === '',
      );
      return broken && isThere(atom.package, at);
    },
  },
  {
    id: 'dpkg-source-of-its-own',
    reason:
      'the source is what the record itself says, not what an earlier record of that source said (clair-indexing.md#sources-of-packages)',
    explains(atom, at) {
      if (atom.atom !== 'field' || atom.field !== 'source' || atom.ours.detector !== 'dpkg') return false;
      return dpkgRecord(atom.ours, at)?.source === atom.ours.source;
    },
  },
  {
    id: 'distroless-source',
    reason:
      'Source of a distroless record is read as everywhere, and its own name stands in for an absent one (clair-indexing.md#sources-of-packages)',
    explains(atom, at) {
      if (atom.atom !== 'field' || atom.field !== 'source' || atom.ours.detector !== 'dpkg-distroless')
        return false;
      return dpkgRecord(atom.ours, at)?.source === atom.ours.source;
    },
  },
  {
    id: 'dpkg-usual-place',
    reason:
      'a layer that rewrites var/lib/dpkg/status alone has the packages of it (clair-indexing.md#emptied-databases); Clair wants info beside it',
    explains(atom, at) {
      const isOfBoth = atom.atom === 'environment' || atom.atom === 'field';
      const pkg = atom.atom === 'package' ? atom.package : isOfBoth ? atom.ours : undefined;
      if (pkg?.detector !== 'dpkg' || (atom.atom === 'package' && atom.side === 'missing')) return false;
      const { packageDb } = pkg.environments[0]!;
      const info = `${packageDb.replace(/status$/, 'info')}/`;
      const alone = at
        .layers()
        .some(
          (layer) =>
            layer.files.has(packageDb) && ![...layer.files.keys()].some((path) => path.startsWith(info)),
        );
      return packageDb === 'var/lib/dpkg/status' && alone && dpkgRecord(pkg, at) !== undefined;
    },
  },
  {
    id: 'apk-last-record',
    reason:
      'the last line of an apk record counts, and the last record without a blank line after it (clair-indexing.md#alpine-packages); blank lines may have blanks',
    explains(atom, at) {
      if (atom.atom !== 'package' || atom.package.detector !== 'apk') return false;
      const { name, version, arch } = atom.package;
      const isLastLine = apkRecords(atom.package, at).some(
        (record) => record.includes(`P:${name}`) && record.at(-1)?.startsWith('A:'),
      );
      if (atom.side === 'missing') {
        const whole = (other: NormalPackage) => other.name === name && other.version === version;
        return arch === '' && isLastLine && at.ours.packages.some(whole);
      }
      const isLast = apkNames(atom.package, at).at(-1) === name;
      const hasOddBlanks = /\n[ \t\r]+\n/.test(databaseOf(atom.package, at)?.toString('utf8') ?? '');
      return isLast || isLastLine || (hasOddBlanks && isThere(atom.package, at));
    },
  },
  {
    id: 'apk-usr-lib',
    reason: 'apk-tools 3 has its database in usr/lib (clair-indexing.md#alpine-packages)',
    explains(atom, at) {
      if (atom.atom !== 'package' && atom.atom !== 'environment') return false;
      const { name, detector } = atom.atom === 'package' ? atom.package : atom.ours;
      if (detector !== 'apk' || atom.side !== 'extra') return false;
      return at
        .layers()
        .some((layer) =>
          layer.files.get('usr/lib/apk/db/installed')?.toString('utf8').includes(`P:${name}\n`),
        );
    },
  },
  {
    id: 'record-without-version',
    reason:
      'a record without a version, which nothing can be said of, is a problem of the report (clair-indexing.md#one-bad-record)',
    explains: (atom, at) =>
      atom.atom === 'package' &&
      atom.side === 'missing' &&
      ['apk', 'rpm'].includes(atom.package.detector) &&
      /^-|-$|^$/.test(atom.package.version) &&
      at.ours.problems > 0,
  },
  {
    id: 'apk-source-of-its-own',
    reason:
      'the version of the origin is that of the package, not of the first package with that origin (clair-indexing.md#sources-of-packages)',
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
      'an OS package database that a higher layer removes or empties has no packages (clair-indexing.md#emptied-databases)',
    explains(atom, at) {
      const pkg =
        atom.atom === 'package' ? atom.package : atom.atom === 'environment' ? atom.golden : undefined;
      if (pkg === undefined || !OS_DATABASES.has(pkg.detector)) return false;
      if ((atom.atom !== 'package' && atom.atom !== 'environment') || atom.side !== 'missing') return false;
      const { name, environments } = pkg;
      const missing = atom.atom === 'environment' ? [atom.environment] : environments;
      return missing.every(({ packageDb, introducedIn }) =>
        layersFrom(introducedIn, at).some((layer) => {
          const file = fileAt(layer, packageDb)?.toString('utf8');
          const named = file?.split('\n').some((line) => line === `Package: ${name}` || line === `P:${name}`);
          return removes(layer, packageDb) || named === false;
        }),
      );
    },
  },
];
