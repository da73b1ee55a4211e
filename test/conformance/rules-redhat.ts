/** Rules about Red Hat's repositories and containers. */
import { fileAt, type Layer } from './layers.ts';
import type { Case, Rule } from './rule.ts';

const CONTAINER_DETECTORS: ReadonlySet<string> = new Set([
  'rhel_containerscanner',
  'rhel_package_container_detector',
]);

const MANIFESTS = [
  'root/buildinfo/content_manifests/',
  'usr/share/buildinfo/content_manifests/',
  'usr/share/buildinfo/',
];

/** The rules. */
export const redhatRules: readonly Rule[] = [
  {
    id: 'rhcc-ancestry',
    reason:
      'a container is a package of kind ancestry too, as in later versions of Clair: what it is not affected by is said of that (indexing.md §4.6)',
    explains(atom, at) {
      if (atom.atom !== 'package' || atom.side !== 'extra' || atom.package.kind !== 'ancestry') return false;
      const { name, version, arch, detector, environments } = atom.package;
      return (
        CONTAINER_DETECTORS.has(detector) &&
        at.golden.packages.some(
          (each) =>
            each.kind === 'binary' &&
            each.detector === detector &&
            each.name === name &&
            each.version === version &&
            each.arch === arch &&
            JSON.stringify(each.environments) === JSON.stringify(environments),
        )
      );
    },
  },
  {
    id: 'redhat-all-manifests',
    reason:
      'all content manifests of a layer say from where its packages are, not the first only (indexing.md §4.5)',
    explains(atom, at) {
      if (atom.atom === 'repository') return atom.side === 'extra' && isOfLaterManifest(atom.value, at);
      if (atom.atom !== 'environment' || atom.ours.detector !== 'rpm') return false;
      // Without those repositories our environment is Clair's.
      const ours = atom.ours.environments.find(({ packageDb }) => packageDb === atom.environment.packageDb);
      const all = JSON.parse(ours?.repositories ?? 'null') as string[] | null;
      const known = all?.filter((each) => !isOfLaterManifest(each, at));
      if (all === null || known === undefined || known.length === all.length) return false;
      const same = atom.golden.environments.some(
        (each) =>
          each.packageDb === ours?.packageDb &&
          each.introducedIn === ours.introducedIn &&
          each.distribution === ours.distribution &&
          each.repositories === JSON.stringify(known),
      );
      return same && (atom.side === 'extra' || atom.environment.packageDb === ours?.packageDb);
    },
  },
];

/** Whether a repository is named by a content manifest, and only by others than the first of their layers. */
function isOfLaterManifest(repository: string, at: Case): boolean {
  const { key, uri = '' } = JSON.parse(repository) as { key?: string; uri?: string };
  if (key !== 'rhel-cpe-repository') return false;
  const repoid = new URLSearchParams(uri).get('repoid') ?? '';
  const manifests = at.layers().map(contentSetsOf);
  return (
    manifests.every(([first]) => !first?.includes(repoid)) &&
    manifests.some(([, ...others]) => others.some((sets) => sets.includes(repoid)))
  );
}

/** The content sets of each manifest in the first place of the layer that has one, in the order of their paths. */
function contentSetsOf(layer: Layer): string[][] {
  for (const folder of MANIFESTS) {
    const paths = [...layer.files.keys()]
      .filter((path) => path.startsWith(folder) && /^[^/]+\.json$/.test(path.slice(folder.length)))
      .sort();
    if (paths.length > 0) return paths.map((path) => setsIn(fileAt(layer, path)?.toString('utf8') ?? ''));
  }
  return [];
}

function setsIn(text: string): string[] {
  try {
    const { content_sets: sets } = JSON.parse(text) as { content_sets?: unknown };
    return Array.isArray(sets) ? sets.filter((each) => typeof each === 'string') : [];
  } catch {
    return [];
  }
}
