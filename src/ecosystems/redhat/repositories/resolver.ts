/** Gives the repositories that rpms are from their CPEs, by the mapping that Red Hat publishes. */

import type { LayerDetection, LayerDetections } from '../../../contract/coalesce.ts';
import type { Resolve, ResolverContext } from '../../../contract/resolver.ts';
import { fieldOf, fieldsIn } from '../../../formats/json/file.ts';
import type { Repository } from '../../../model/package.ts';
import { type Kept, keepMapping } from '../mapping/kept-mapping.ts';
import { mappingSettings } from '../mapping/settings.ts';
import { formatCpe, parseCpe } from '../scopes/cpe.ts';
import { RHEL_REPOSITORY } from '../scopes/scopes.ts';
import { isOfRedHat } from './coalesce.ts';
import { repoidOf, rhelRepositories } from './repoids.ts';

const KEYS = {
  section: 'indexer.scanner.repo.rhel-repository-scanner',
  url: 'repo2cpe_mapping_url',
  file: 'repo2cpe_mapping_file',
  defaultUrl: 'https://security.access.redhat.com/data/metrics/repository-to-cpe.json',
} as const;

const DETECTOR = `${rhelRepositories.id}:${rhelRepositories.revision}:${rhelRepositories.kind}`;

const WHAT = 'the mapping of repositories to CPEs';

/** Id of a repository -> its CPEs as formatted strings, sorted. */
type CpesOf = ReadonlyMap<string, readonly string[]>;

/** The resolver of the rpms. Throws `bad-config`. */
export function redHatResolver(context: ResolverContext): Resolve {
  const settings = mappingSettings(context.config('repo', rhelRepositories.id), KEYS);
  const parse = (document: unknown) => readMapping(document, context.warn);
  const mapping = keepMapping(WHAT, settings, parse, context);
  return async (layers, signal) => {
    if (!mayBeOfRedHat(layers)) return layers;
    const named = layers.some(({ found }) => found.some(isUnresolved));
    const kept = named ? await mapping(signal) : undefined;
    const resolved = kept === undefined ? layers : layers.map((layer) => resolveLayer(layer, kept));
    return kept !== undefined && kept.value === undefined ? resolved : withoutSilence(resolved);
  };
}

/** Other distributions have the history of dnf too, and repositories that no mapping of Red Hat knows. */
function mayBeOfRedHat(layers: readonly LayerDetections[]): boolean {
  return (
    layers.some(isOfRedHat) ||
    !layers.some(({ found }) => found.some((item) => item.found === 'distribution'))
  );
}

function isUnresolved(item: LayerDetection): boolean {
  return item.found === 'repository' && item.repository.key === RHEL_REPOSITORY && !item.repository.cpe;
}

function resolveLayer(layer: LayerDetections, { value, reason: why }: Kept<CpesOf>): LayerDetections {
  if (!layer.found.some(isUnresolved)) return layer;
  const others = layer.found.filter((item) => !isUnresolved(item));
  if (value === undefined) {
    const reason = `${why}; Red Hat advisories cannot be applied`;
    return { ...layer, found: [...others, { ...problem(KEYS.section, reason), passing: true }] };
  }
  const resolved = layer.found.flatMap((item) =>
    item.found === 'repository' && isUnresolved(item) ? repositoriesOf(item.repository, value) : [],
  );
  return {
    ...layer,
    found: [
      ...others,
      ...resolved.map((repository) => ({ found: 'repository', repository, detector: DETECTOR }) as const),
    ],
  };
}

function repositoriesOf({ uri = '' }: Repository, mapping: CpesOf): Repository[] {
  const cpes = mapping.get(repoidOf(uri) ?? '') ?? [];
  return cpes.map((cpe) => ({ name: cpe, key: RHEL_REPOSITORY, uri, cpe }));
}

/** Without any CPE no advisory is found: that an image has none of them must not look like the lack of advisories. */
function withoutSilence(layers: readonly LayerDetections[]): readonly LayerDetections[] {
  const hasCpe = layers.some(({ found }) =>
    found.some(
      (item) => item.found === 'repository' && item.repository.key === RHEL_REPOSITORY && item.repository.cpe,
    ),
  );
  const last = layers.findLastIndex(({ found }) => found.some((item) => item.found === 'package'));
  if (hasCpe || !layers.some(isOfRedHat) || last < 0) return layers;
  const reason =
    'no content manifest, and no history of dnf, names a repository of Red Hat: its advisories cannot be applied to the rpms';
  return layers.map((layer, index) => {
    if (index !== last) return layer;
    const where = layer.found.find((item) => item.found === 'package')?.package.path ?? '';
    return { ...layer, found: [...layer.found, problem(where, reason)] };
  });
}

function problem(where: string, reason: string): Extract<LayerDetection, { readonly found: 'problem' }> {
  return { found: 'problem', where, reason, detector: DETECTOR };
}

/** `{"data": {REPOID: {"cpes": [CPE, …]}}}`; what is no CPE is left out, and counted. */
function readMapping(document: unknown, warn: ResolverContext['warn']): CpesOf {
  const data = fieldOf(document, 'data');
  if (typeof data !== 'object' || data === null) throw new TypeError('there is no "data" in it');
  const bad: string[] = [];
  const cpesOf = new Map<string, readonly string[]>();
  for (const [repoid, entry] of fieldsIn(data)) {
    const listed = fieldOf(entry, 'cpes');
    const cpes = new Set<string>();
    for (const text of Array.isArray(listed) ? (listed as unknown[]) : [listed]) {
      const cpe = typeof text === 'string' ? parseCpe(text) : undefined;
      if (cpe === undefined) bad.push(repoid);
      else cpes.add(formatCpe(cpe));
    }
    if (cpes.size > 0) cpesOf.set(repoid, [...cpes].sort());
  }
  if (bad.length > 0) warn(`${WHAT} has what is no CPE`, { count: bad.length, example: bad[0] });
  return cpesOf;
}
