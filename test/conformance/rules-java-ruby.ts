/** Rules about Java archives and gems. */
import { hasCopy, indexOfLayer } from './image-evidence.ts';
import { isJavaPackage, outerPath } from './java-evidence.ts';
import { fileAt, type Layer, removes } from './layers.ts';
import type { NormalEnvironment, NormalPackage } from './normal-form.ts';
import type { Case, Rule } from './rule.ts';

function isOurs({ detector }: NormalPackage): boolean {
  return detector === 'java' || detector === 'ruby';
}

/** Whether the layer of `environment` has the package there. */
function isInLayer({ packageDb, introducedIn }: NormalEnvironment, pkg: NormalPackage, at: Case): boolean {
  const layer = at.layers()[indexOfLayer(introducedIn, at)];
  return layer !== undefined && has(layer, packageDb, pkg);
}

function has(layer: Layer, packageDb: string, pkg: NormalPackage): boolean {
  return pkg.detector === 'java' ? isJavaPackage(layer, packageDb, pkg) : hasCopy(layer, packageDb, pkg);
}

/** Whether a layer above that of `environment` took its file away, or put another one there. */
function isGone({ packageDb, introducedIn }: NormalEnvironment, pkg: NormalPackage, at: Case): boolean {
  const path = outerPath(packageDb);
  return at
    .layers()
    .slice(indexOfLayer(introducedIn, at) + 1)
    .some(
      (layer) => removes(layer, path) || (fileAt(layer, path) !== undefined && !has(layer, packageDb, pkg)),
    );
}

/** The rules. */
export const javaRubyRules: readonly Rule[] = [
  {
    id: 'java-ruby-copies',
    reason:
      'every copy of a Java archive or gem keeps its own place (clair-indexing.md#overwritten-language-packages)',
    explains: (atom, at) =>
      atom.atom === 'environment' &&
      atom.side === 'extra' &&
      isOurs(atom.ours) &&
      isInLayer(atom.environment, atom.ours, at) &&
      !isGone(atom.environment, atom.ours, at),
  },
  {
    id: 'java-ruby-removed',
    reason:
      'a Java archive or gem that a higher layer removed or replaced is gone (clair-indexing.md#how-layers-add-up, clair-indexing.md#overwritten-language-packages)',
    explains(atom, at) {
      if (atom.atom === 'environment') {
        return atom.side === 'missing' && isOurs(atom.golden) && isGone(atom.environment, atom.golden, at);
      }
      if (atom.atom === 'field' && atom.field === 'version') {
        const { golden, ours } = atom;
        return (
          isOurs(ours) &&
          golden.environments.every((each) => isGone(each, golden, at)) &&
          ours.environments.every((each) => isInLayer(each, ours, at) && !isGone(each, ours, at))
        );
      }
      return (
        atom.atom === 'package' &&
        atom.side === 'missing' &&
        isOurs(atom.package) &&
        atom.package.environments.every((environment) => isGone(environment, atom.package, at))
      );
    },
  },
  {
    id: 'java-archive-read',
    reason:
      'what an archive says is read where Clair gives up: at one bad file of it, without META-INF, with other letters or slashes, after an equal archive was removed (clair-indexing.md#overwritten-language-packages, clair-indexing.md#one-bad-record, clair-indexing.md#java-archives)',
    explains: (atom, at) =>
      atom.atom === 'package' &&
      atom.side === 'extra' &&
      isOurs(atom.package) &&
      atom.package.environments.every(
        (environment) => isInLayer(environment, atom.package, at) && !isGone(environment, atom.package, at),
      ),
  },
  {
    id: 'java-better-name',
    reason:
      'wrapped lines of a manifest are put together, and lines that are none passed over (clair-indexing.md#one-bad-record)',
    explains: (atom, at) =>
      atom.atom === 'package' &&
      atom.side === 'missing' &&
      atom.package.detector === 'java' &&
      atom.package.environments.every(({ packageDb }) =>
        at.ours.packages.some(
          (other) =>
            other.detector === 'java' &&
            other.environments.some(
              (each) =>
                each.packageDb.startsWith('jar:') &&
                places(each) === places({ packageDb }) &&
                isInLayer(each, other, at),
            ) &&
            !at.golden.packages.some((each) => each.detector === 'java' && each.name === other.name),
        ),
      ),
  },
  {
    id: 'ruby-literals',
    reason: '%q{…} and Gem::Version.new(…) are what they stand for, not names (clair-indexing.md#ruby-gems)',
    explains: (atom, at) =>
      atom.atom === 'package' &&
      atom.package.detector === 'ruby' &&
      (atom.side === 'missing'
        ? /[{(]/.test(`${atom.package.name}${atom.package.version}`)
        : atom.package.environments.every((environment) => isInLayer(environment, atom.package, at))),
  },
];

/** The archive, whatever said what it is. */
function places({ packageDb }: Pick<NormalEnvironment, 'packageDb'>): string {
  return packageDb.replace(/^[a-z]+:/, '');
}
