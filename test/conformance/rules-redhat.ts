/** Rules about Red Hat's repositories and containers. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isThere } from './image-evidence.ts';
import { fileAt, type Layer } from './layers.ts';
import type { NormalEnvironment } from './normal-form.ts';
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
      'a container is a package of kind ancestry too, as in later versions of Clair: what it is not affected by is said of that (clair-indexing.md#red-hat-containers)',
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
      'all content manifests of a layer say from where its packages are, not the first only (clair-indexing.md#red-hat-repositories)',
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
  {
    id: 'redhat-history-actions',
    reason:
      'only what installs a package says from where it is, not what was done to it otherwise (clair-indexing.md#red-hat-repositories)',
    explains(atom, at) {
      if (atom.atom !== 'environment' || atom.ours.detector !== 'rpm') return false;
      const isSamePlace = (each: NormalEnvironment): boolean =>
        each.packageDb === atom.environment.packageDb && each.introducedIn === atom.environment.introducedIn;
      const ours = atom.ours.environments.find(isSamePlace);
      return (
        ours !== undefined &&
        atom.golden.environments.some(
          (each) => isSamePlace(each) && each.distribution === ours.distribution,
        ) &&
        at.layers().some(hasOtherActions)
      );
    },
  },
  {
    id: 'rhcc-labels',
    reason:
      'labels are read as Docker reads them, without the quotes of the build system; a container without a name or architecture is none of the catalog (clair-indexing.md#red-hat-containers)',
    explains(atom, at) {
      if (atom.atom === 'repository') {
        const { name } = JSON.parse(atom.value) as { name: string };
        return (
          atom.side === 'missing' &&
          name === 'Red Hat Container Catalog' &&
          !at.ours.packages.some(({ detector }) => detector === 'rhel_containerscanner')
        );
      }
      if (atom.atom !== 'package' || !CONTAINER_DETECTORS.has(atom.package.detector)) return false;
      const { name, arch } = atom.package;
      return atom.side === 'extra' ? isThere(atom.package, at) : /^".*"$/.test(name) || arch === '';
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

const HISTORIES = ['usr/lib/sysimage/libdnf5/transaction_history.sqlite', 'var/lib/dnf/history.sqlite'];

/** Whether the history of dnf 4 has items that install nothing: libdnf's TransactionItemAction. */
function hasOtherActions(layer: Layer): boolean {
  const bytes = HISTORIES.map((path) => fileAt(layer, path)).find((file) => file !== undefined);
  if (bytes === undefined) return false;
  const folder = mkdtempSync(join(tmpdir(), 'clair-history-'));
  try {
    writeFileSync(join(folder, 'history'), bytes);
    using database = new DatabaseSync(join(folder, 'history'), { readOnly: true });
    return (
      database.prepare('select 1 from trans_item where action in (3, 4, 5, 7, 10, 11)').get() !== undefined
    );
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
