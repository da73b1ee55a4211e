/** Rules about Java archives and gems. */
import { hasCopy, indexOfLayer } from './image-evidence.ts';
import { archiveAt, isJavaPackage, outerPath } from './java-evidence.ts';
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
    reason: 'every copy of a Java archive or gem keeps its own place (indexing.md §9.4)',
    explains: (atom, at) =>
      atom.atom === 'environment' &&
      atom.side === 'extra' &&
      isOurs(atom.ours) &&
      atom.ours.environments.length > 1 &&
      atom.golden.environments.length < atom.ours.environments.length &&
      isInLayer(atom.environment, atom.ours, at) &&
      !isGone(atom.environment, atom.ours, at),
  },
  {
    id: 'java-ruby-removed',
    reason: 'a Java archive or gem that a higher layer removed or replaced is gone (indexing.md §5, §9.4)',
    explains: (atom, at) =>
      atom.atom === 'package' &&
      atom.side === 'missing' &&
      isOurs(atom.package) &&
      atom.package.environments.every((environment) => isGone(environment, atom.package, at)),
  },
  {
    id: 'java-name-guess',
    reason: 'an archive without a manifest is known by its name (indexing.md §9.8)',
    explains: (atom, at) =>
      atom.atom === 'package' &&
      atom.side === 'extra' &&
      atom.package.detector === 'java' &&
      atom.package.environments.every((environment) => {
        const layer = at.layers()[indexOfLayer(environment.introducedIn, at)];
        const members = layer && archiveAt(layer, environment.packageDb);
        return (
          environment.packageDb.startsWith('file:') &&
          members !== undefined &&
          !members.has('META-INF/MANIFEST.MF') &&
          isInLayer(environment, atom.package, at)
        );
      }),
  },
  {
    id: 'java-extension-case',
    reason:
      'Java runs an archive whatever the case of its extension, so it is read (indexing.md §4.8 says which ones)',
    explains: (atom, at) =>
      atom.atom === 'package' &&
      atom.side === 'extra' &&
      atom.package.detector === 'java' &&
      atom.package.environments.every(
        (environment) =>
          /\.(jar|war|ear|jpi|hpi)(:|$)/i.test(environment.packageDb) &&
          !/\.(jar|war|ear|jpi|hpi)(:|$)/.test(environment.packageDb) &&
          isInLayer(environment, atom.package, at),
      ),
  },
];
