/** Rules about which distribution an image is of. */
import type { Atom } from './atoms.ts';
import type { NormalEnvironment, NormalPackage } from './normal-form.ts';
import { greetings, namesDistribution, osReleases } from './release-evidence.ts';
import type { Case, Rule } from './rule.ts';

/** The rules. */
export const distributionRules: readonly Rule[] = [
  {
    id: 'distribution-named',
    reason:
      'what a layer says that it is of is told, be it in a file that Clair does not read or a distribution that it does not know (clair-indexing.md#unknown-distributions, clair-indexing.md#one-bad-record)',
    explains(atom, at) {
      if (atom.atom === 'distribution') {
        return (
          atom.side === 'extra' && at.golden.distributions.length === 0 && namesDistribution(atom.value, at)
        );
      }
      const [theirs, ours] = bothOf(atom);
      return (
        theirs !== undefined &&
        ours !== undefined &&
        theirs.distribution === '' &&
        namesDistribution(ours.distribution, at)
      );
    },
  },
  {
    id: 'alpine-release',
    reason:
      'the release of Alpine is the first two numbers of VERSION_ID, edge is edge, and an absent NAME is known (clair-indexing.md#distributions)',
    explains(atom, at) {
      if (atom.atom === 'distribution') {
        const others = atom.side === 'extra' ? at.golden.distributions : at.ours.distributions;
        return others.some((other) =>
          atom.side === 'extra'
            ? isAlpineBetter(other, atom.value, at)
            : isAlpineBetter(atom.value, other, at),
        );
      }
      const [theirs, ours] = bothOf(atom);
      return isAlpineBetter(theirs?.distribution ?? '', ours?.distribution ?? '', at);
    },
  },
];

/** The environment of an atom and the one that answers it: they differ in nothing but the distribution. */
function bothOf(atom: Atom): (NormalEnvironment | undefined)[] {
  if (atom.atom !== 'environment') return [];
  const match = ({ environments }: NormalPackage) =>
    environments.find((other) => isSamePlace(other, atom.environment));
  return atom.side === 'extra'
    ? [match(atom.golden), atom.environment]
    : [atom.environment, match(atom.ours)];
}

function isSamePlace(a: NormalEnvironment, b: NormalEnvironment): boolean {
  return (
    a.packageDb === b.packageDb && a.introducedIn === b.introducedIn && a.repositories === b.repositories
  );
}

interface Named {
  readonly did: string;
  readonly name: string;
  readonly version: string;
}

function isAlpineBetter(theirs: string, ours: string, at: Case): boolean {
  if (theirs === '' || ours === '') return false;
  const [a, b] = [JSON.parse(theirs) as Named, JSON.parse(ours) as Named];
  if (a.did !== 'alpine' || b.did !== 'alpine') return false;
  if (a.version === b.version) return a.name === '' && b.name !== '';
  if (b.version === 'edge') return greetings(at).some((text) => text.includes('(edge)'));
  const versions = osReleases(at).map((values) => values.get('VERSION_ID') ?? '');
  return versions.some((text) => text.split('.').slice(0, 2).join('.') === b.version);
}
