/** Rules about which packages there are, and what is said about them. */
import type { Atom } from './atoms.ts';
import { type DpkgRecord, fileAt, type Layer, readDpkgRecords, removes } from './layers.ts';
import type { NormalPackage } from './normal-form.ts';
import type { Case, Rule } from './rule.ts';

const DPKG = new Set(['dpkg', 'dpkg-distroless']);
const OS_DATABASES = new Set(['dpkg', 'apk']);
const LANGUAGES = new Set(['python', 'gobin', 'nodejs']);

/** The highest layer that has the database of `pkg`, with its bytes. */
function databaseOf(pkg: NormalPackage, at: Case): Buffer | undefined {
  const path = pkg.environments[0]?.packageDb ?? '';
  return at
    .layers()
    .map((layer) => fileAt(layer, path))
    .findLast((file) => file !== undefined);
}

function dpkgRecords(pkg: NormalPackage, at: Case): DpkgRecord[] {
  return readDpkgRecords(databaseOf(pkg, at)?.toString('utf8') ?? '');
}

function dpkgRecord(pkg: NormalPackage, at: Case): DpkgRecord | undefined {
  return dpkgRecords(pkg, at).find(
    ({ name, version, arch }) =>
      name === pkg.name && version === pkg.version && (arch === pkg.arch || pkg.arch === ''),
  );
}

function indexOfLayer(digest: string, at: Case): number {
  return at.layers().findIndex((layer) => layer.digest === digest);
}

/** Layers above the one where `pkg` was last introduced. */
function layersAbove(pkg: NormalPackage, at: Case): readonly Layer[] {
  const index = Math.max(...pkg.environments.map(({ introducedIn }) => indexOfLayer(introducedIn, at)));
  return at.layers().slice(index + 1);
}

/** Text of the metadata files below the folder of a language's `packageDb` in `layer`. */
function metadataIn(layer: Layer, packageDb: string): string[] {
  const folder = packageDb.replace(/^[a-z]+:/, '');
  return [...layer.files.keys(), ...layer.links.keys()]
    .filter((path) => path === folder || path.startsWith(`${folder}/`))
    .filter((path) => /\/(METADATA|PKG-INFO|package\.json)$|\.egg-info$/.test(path) || path === folder)
    .map((path) => fileAt(layer, path)?.toString('latin1') ?? '');
}

/** Whether `layer` has a copy of the package at `packageDb`. */
function hasCopy(layer: Layer, packageDb: string, pkg: NormalPackage): boolean {
  const version = pkg.version.replace(/^v/, '');
  return metadataIn(layer, packageDb).some(
    (text) =>
      text.toLowerCase().includes(pkg.name.toLowerCase()) &&
      (text.includes(version) || pkg.detector === 'gobin'),
  );
}

const isExtraPackage = (atom: Atom) => atom.atom === 'package' && atom.side === 'extra';

/** The rules. */
export const packageRules: readonly Rule[] = [
  {
    id: 'node-packages',
    reason:
      'npm packages are found; Clair has a detector that nobody switched on (matching.md §9.15, indexing.md §4.11)',
    explains(atom, at) {
      if (atom.atom === 'repository')
        return atom.side === 'extra' && atom.value.includes('https://www.npmjs.com/');
      if (atom.atom !== 'package' || atom.side !== 'extra' || atom.package.detector !== 'nodejs')
        return false;
      const pkg = atom.package;
      return pkg.environments.every(({ packageDb }) =>
        at.layers().some((layer) => hasCopy(layer, packageDb, pkg)),
      );
    },
  },
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
      const records = dpkgRecords(atom.package, at);
      const broken = records.some(({ name, version, arch }) => name === '' || version === '' || arch === '');
      return dpkgRecord(atom.package, at) !== undefined && (broken || at.golden.state === 'IndexError');
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
    id: 'language-overwritten',
    reason:
      'a language package whose files a higher layer replaced by another version is gone (indexing.md §9.4)',
    explains(atom, at) {
      if (atom.atom !== 'package' || atom.side !== 'missing' || !LANGUAGES.has(atom.package.detector))
        return false;
      const { name, version, detector, environments } = atom.package;
      return environments.every(
        ({ packageDb }) =>
          layersAbove(atom.package, at).some((layer) => removes(layer, packageDb.replace(/^[a-z]+:/, ''))) ||
          at.ours.packages.some(
            (other) =>
              other.detector === detector &&
              other.name === name &&
              other.version !== version &&
              other.environments.some((environment) => environment.packageDb === packageDb),
          ),
      );
    },
  },
  {
    id: 'language-copies',
    reason:
      'every copy of a language package keeps its own place, in the layer that brought it (indexing.md §9.4)',
    explains(atom, at) {
      if (atom.atom === 'package' && atom.side === 'extra' && LANGUAGES.has(atom.package.detector)) {
        // Clair merged this copy into the entry of another one, or lost it when that one was removed.
        const { package: pkg } = atom;
        return (
          pkg.detector !== 'nodejs' &&
          pkg.environments.every(({ packageDb, introducedIn }) => {
            const layer = at.layers()[indexOfLayer(introducedIn, at)];
            return layer !== undefined && hasCopy(layer, packageDb, pkg);
          }) &&
          copies(pkg, at) > 1
        );
      }
      if (atom.atom !== 'environment' || !LANGUAGES.has(atom.ours.detector)) return false;
      if (atom.side === 'missing') {
        // Clair shows the copy that it read last: the same place in a lower or higher layer.
        return (
          atom.ours.environments.some(
            ({ packageDb, introducedIn }) =>
              packageDb === atom.environment.packageDb && introducedIn !== atom.environment.introducedIn,
          ) && copies(atom.ours, at) > 1
        );
      }
      const layer = at.layers()[indexOfLayer(atom.environment.introducedIn, at)];
      return (
        layer !== undefined &&
        hasCopy(layer, atom.environment.packageDb, atom.ours) &&
        copies(atom.ours, at) > 1
      );
    },
  },
  {
    id: 'python-version-as-written',
    reason: 'versions keep their local part, .dev0 and .post0, and are read whole (indexing.md §9.9)',
    explains(atom, at) {
      if (atom.atom === 'field' && atom.field === 'version' && atom.ours.detector === 'python') {
        const { version, environments } = atom.ours;
        return environments.some(({ packageDb }) =>
          at.layers().some((layer) => metadataIn(layer, packageDb).some((text) => hasVersion(text, version))),
        );
      }
      if (atom.atom !== 'package' || atom.package.detector !== 'python') return false;
      // A version that only holds a PEP 440 version somewhere is not one: shown as it is, or told as a problem.
      const { name, version, environments } = atom.package;
      const texts = environments.flatMap(({ packageDb }) =>
        at.layers().flatMap((layer) => metadataIn(layer, packageDb)),
      );
      const own = texts.filter((text) => headerOf(text, 'Name').toLowerCase() === name.toLowerCase());
      return own.length > 0 && own.every((text) => hasVersion(text, version) === (atom.side === 'extra'));
    },
  },
  {
    id: 'python-name-folded',
    reason: 'names are compared as PEP 503 says (indexing.md §9.9)',
    explains: (atom) =>
      atom.atom === 'field' &&
      atom.field === 'name' &&
      atom.ours.detector === 'python' &&
      fold(atom.golden.name) === fold(atom.ours.name),
  },
  {
    id: 'normalized-version',
    reason:
      'the ten-number form of a version loses pre-releases, long numbers and .dev0; nothing of ours reads it (matching.md §9.13)',
    explains: (atom) =>
      atom.atom === 'field' && atom.field === 'normalizedVersion' && LANGUAGES.has(atom.ours.detector),
  },
];

function fold(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}

/** A header of a metadata file. */
function headerOf(text: string, key: string): string {
  return new RegExp(`^${key}:[ \\t]*(.*?)\\s*$`, 'im').exec(text)?.[1] ?? '';
}

function hasVersion(text: string, version: string): boolean {
  return headerOf(text, 'Version').toLowerCase().replace(/^v/, '') === version.toLowerCase();
}

/** In how many places of how many layers the package is. */
function copies(pkg: NormalPackage, at: Case): number {
  const places = new Set(
    at.ours.packages
      .filter(({ name, detector }) => name === pkg.name && detector === pkg.detector)
      .flatMap(({ environments }) => environments.map(({ packageDb }) => packageDb)),
  );
  return [...places].reduce(
    (sum, place) => sum + at.layers().filter((layer) => hasCopy(layer, place, pkg)).length,
    0,
  );
}
