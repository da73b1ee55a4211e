/** Rules about rpms and the distributions that they are from. */
import { fileAt, removes } from './layers.ts';
import type { NormalEnvironment } from './normal-form.ts';
import { namesDistribution, releaseIds } from './release-evidence.ts';
import { databaseFile, hasRpm, ownsFile } from './rpm-evidence.ts';
import type { Case, Rule } from './rule.ts';

/** Distributions that Clair detects. */
const CLAIRS = new Set(['amzn', 'hummingbird', 'ol', 'opensuse-leap', 'photon', 'rhel', 'sles']);

/** The rules. */
export const rpmRules: readonly Rule[] = [
  {
    id: 'rpm-one-environment',
    reason:
      'an rpm has one environment for each database that it is in, not one of each of two scanners (clair-indexing.md#environments-of-rpms)',
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
    reason:
      'an rpm database that a higher layer removes or empties has no packages (clair-indexing.md#emptied-databases)',
    explains(atom, at) {
      if (atom.atom === 'environment' && atom.side === 'missing' && atom.golden.detector === 'rpm') {
        return isRemoved(atom.environment.packageDb, atom.golden.name, at);
      }
      if (atom.atom !== 'package' || atom.side !== 'missing' || atom.package.detector !== 'rpm') return false;
      const { name, environments } = atom.package;
      return environments.every(({ packageDb }) => isRemoved(packageDb, name, at));
    },
  },
  {
    id: 'rpm-owned-files',
    reason:
      'a file that an rpm brought is no package of a language, wherever it is; Clair asks in some places only (clair-indexing.md#rpm-databases)',
    explains: (atom, at) =>
      atom.atom === 'package' &&
      atom.side === 'missing' &&
      atom.package.environments.every(({ packageDb }) => {
        const path = packageDb.split(':')[1] ?? '';
        return at.layers().some((layer) => ownsFile(layer, path));
      }),
  },
  {
    id: 'rpm-source-epoch',
    reason:
      'a source of the version of the package has its epoch, not always 0 (clair-indexing.md#rpm-sources)',
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
    reason: 'a header that cannot be read loses only itself (clair-indexing.md#one-bad-record)',
    explains(atom, at) {
      if (atom.atom !== 'package' || atom.side !== 'extra' || atom.package.detector !== 'rpm') return false;
      if (!/failed to scan all layer contents/.test(at.golden.err) || at.ours.problems === 0) return false;
      return atom.package.environments.every(({ packageDb }) =>
        at.layers().some((layer) => hasRpm(layer, packageDb, atom.package.name)),
      );
    },
  },
  {
    id: 'rpm-distribution-by-id',
    reason:
      'ID of os-release says which distribution it is, of those that Clair does not know too (clair-indexing.md#unknown-distributions)',
    explains(atom, at) {
      if (atom.atom !== 'distribution') return false;
      const { did } = JSON.parse(atom.value) as { did: string };
      return atom.side === 'extra'
        ? isUnknownToClair(atom.value, at)
        : did === 'rhel' && !releaseIds(at).has('rhel') && releaseIds(at).size > 0;
    },
  },
];

/** Whether `mine` says what the two golden environments say together. */
function isMerged(mine: NormalEnvironment, theirs: readonly NormalEnvironment[], at: Case): boolean {
  if (theirs.length === 1 && theirs[0]!.introducedIn === mine.introducedIn && isOfOthers(mine, at))
    return true;
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

/** Of two databases one has lost its rpms to Clair's scanner of Red Hat: what that says stands at other rpms. */
function isOfOthers({ distribution, repositories }: NormalEnvironment, at: Case): boolean {
  return at.golden.packages.some(
    ({ detector, environments }) =>
      detector === 'rpm' &&
      environments.some((each) => each.distribution === distribution && each.repositories === repositories),
  );
}

/** Where Clair shows no distribution, or one that is only a phrase in the file of another. */
function isBetter(mine: string, theirs: string, at: Case): boolean {
  const wrong = theirs !== '' && !releaseIds(at).has((JSON.parse(theirs) as { did: string }).did);
  return theirs === '' ? namesDistribution(mine, at) : wrong && isUnknownToClair(mine, at);
}

function isUnknownToClair(distribution: string, at: Case): boolean {
  if (distribution === '') return false;
  const { did } = JSON.parse(distribution) as { did: string };
  return !CLAIRS.has(did) && releaseIds(at).has(did);
}

/** Whether the last layer that has the database has no such rpm in it, or one above takes the database away. */
function isRemoved(packageDb: string, name: string, at: Case): boolean {
  const path = databaseFile(packageDb);
  const layers = at.layers();
  const last = layers.findLastIndex((layer) => fileAt(layer, path) !== undefined);
  if (last < 0) return false;
  return (
    !hasRpm(layers[last]!, packageDb, name) || layers.slice(last + 1).some((layer) => removes(layer, path))
  );
}
