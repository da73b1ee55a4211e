/** Rules about rpms and the distributions that they are from. */
import { parseOsRelease } from '../../src/formats/os-release.ts';
import { fileAt, type Layer, removes } from './layers.ts';
import type { NormalEnvironment, NormalPackage } from './normal-form.ts';
import type { Case, Rule } from './rule.ts';

const FILES: Readonly<Record<string, string>> = {
  bdb: 'Packages',
  ndb: 'Packages.db',
  sqlite: 'rpmdb.sqlite',
};

/** Distributions that Clair detects. */
const CLAIRS = new Set(['amzn', 'hummingbird', 'ol', 'opensuse-leap', 'photon', 'rhel', 'sles']);

/** The rules. */
export const rpmRules: readonly Rule[] = [
  {
    id: 'rpm-one-environment',
    reason:
      'an rpm has one environment for each database that it is in, not one of each of two scanners (indexing.md §9.3)',
    explains(atom, at) {
      if (atom.atom !== 'environment' || atom.ours.detector !== 'rpm') return false;
      const { packageDb } = atom.environment;
      const theirs = atom.golden.environments.filter((each) => each.packageDb === packageDb);
      const [mine, ...others] = atom.ours.environments.filter((each) => each.packageDb === packageDb);
      return mine !== undefined && others.length === 0 && isMerged(mine, theirs, at);
    },
  },
  {
    id: 'rpm-database-removed',
    reason: 'an rpm database that a higher layer removes has no packages (indexing.md §9.5)',
    explains(atom, at) {
      if (atom.atom === 'environment' && atom.side === 'missing' && atom.golden.detector === 'rpm') {
        return isRemoved(atom.environment.packageDb, at);
      }
      if (atom.atom !== 'package' || atom.side !== 'missing' || atom.package.detector !== 'rpm') return false;
      return atom.package.environments.every(({ packageDb }) => isRemoved(packageDb, at));
    },
  },
  {
    id: 'rpm-source-epoch',
    reason: 'a source of the version of the package has its epoch, not always 0 (indexing.md §9.7)',
    explains(atom) {
      if (atom.atom !== 'field' || atom.field !== 'source' || atom.ours.detector !== 'rpm') return false;
      const { golden, ours } = atom;
      return (
        ours.sourceName === golden.sourceName &&
        ours.sourceVersion === ours.version &&
        ours.version.replace(/^\d+:/, '') === golden.sourceVersion
      );
    },
  },
  {
    id: 'rpm-broken-neighbour',
    reason: 'a header that cannot be read loses only itself (indexing.md §9.8)',
    explains(atom, at) {
      if (atom.atom !== 'package' || atom.side !== 'extra' || atom.package.detector !== 'rpm') return false;
      if (!/failed to scan all layer contents/.test(at.golden.err) || at.ours.problems === 0) return false;
      return atom.package.environments.every(({ packageDb }) => holds(packageDb, atom.package, at));
    },
  },
  {
    id: 'rpm-distribution-by-id',
    reason:
      'ID of os-release says which distribution it is, of those that Clair does not know too (indexing.md §9.16)',
    explains(atom, at) {
      if (atom.atom !== 'distribution') return false;
      const { did } = JSON.parse(atom.value) as { did: string };
      return atom.side === 'extra'
        ? isUnknownToClair(atom.value, at)
        : did === 'rhel' && !ids(at).has('rhel') && ids(at).size > 0;
    },
  },
];

/** Whether `mine` says what the two golden environments say together. */
function isMerged(mine: NormalEnvironment, theirs: readonly NormalEnvironment[], at: Case): boolean {
  if (theirs.length !== 2) return false;
  const repositories = theirs.map((each) => each.repositories);
  const told = repositories.filter((each) => each !== 'null' && each !== '[]');
  const distribution = theirs.map((each) => each.distribution).find((each) => each !== '') ?? '';
  return (
    theirs.some(({ introducedIn }) => introducedIn === mine.introducedIn) &&
    (told.length > 0 ? told : repositories).includes(mine.repositories) &&
    (mine.distribution === distribution || isBetter(mine.distribution, distribution, at))
  );
}

/** Where Clair shows no distribution, or one that is only a phrase in the file of another. */
function isBetter(mine: string, theirs: string, at: Case): boolean {
  const wrong = theirs !== '' && !ids(at).has((JSON.parse(theirs) as { did: string }).did);
  return (theirs === '' || wrong) && isUnknownToClair(mine, at);
}

function isUnknownToClair(distribution: string, at: Case): boolean {
  if (distribution === '') return false;
  const { did } = JSON.parse(distribution) as { did: string };
  return !CLAIRS.has(did) && ids(at).has(did);
}

/** All ID that the layers say. */
function ids(at: Case): Set<string> {
  const texts = at
    .layers()
    .flatMap((layer) => [
      fileAt(layer, 'etc/os-release')?.toString('utf8') ?? '',
      fileAt(layer, 'usr/lib/os-release')?.toString('utf8') ?? '',
    ]);
  return new Set(texts.flatMap((text) => parseOsRelease(text).get('ID')?.toLowerCase() ?? []));
}

function fileOf(packageDb: string): string {
  const [format = '', folder = ''] = packageDb.split(/:(.*)/s);
  return `${folder}/${FILES[format] ?? ''}`;
}

/** Whether a layer above the last that has the database takes it away. */
function isRemoved(packageDb: string, at: Case): boolean {
  const path = fileOf(packageDb);
  const layers = at.layers();
  const last = layers.findLastIndex((layer) => fileAt(layer, path) !== undefined);
  return last >= 0 && layers.slice(last + 1).some((layer) => removes(layer, path));
}

function holds(packageDb: string, { name }: NormalPackage, at: Case): boolean {
  const file = (layer: Layer) => fileAt(layer, fileOf(packageDb));
  return at.layers().some((layer) => file(layer)?.includes(`${name}\0`) ?? false);
}
