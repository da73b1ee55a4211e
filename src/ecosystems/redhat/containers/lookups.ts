/** What of a container of Red Hat is looked up in its advisories. */

import type { Lookup } from '../../../contract/lookup.ts';
import type { IndexRecord } from '../../../model/index-report.ts';
import { ANY_PRODUCT, RHCC_PREFIX, RHCC_REPOSITORY } from '../scopes/scopes.ts';

/** The repository of containers that are known by their names alone: clair-matching.md#selecting-advisories, rule C. */
const CATALOG = 'Red Hat Container Catalog';

/**
 * The container by its own name and by its source's; assertions that it is not affected are of kind `ancestry`.
 * One below another image of Red Hat was released again with that, and counts as a layer: no advisory is about layers.
 */
export function lookups({ package: installed, repository }: IndexRecord): Lookup[] {
  const { name, version, kind, arch, source, normalizedVersion = '' } = installed;
  if (repository?.key !== RHCC_REPOSITORY || name === '') return [];
  const cpe = repository.cpe || repository.name || '';
  const shared = {
    scope: repository.name === CATALOG ? ANY_PRODUCT : RHCC_PREFIX + cpe,
    version,
    // differs: a fix that is named for some architectures says nothing of a container of another (clair-matching.md#architectures)
    ...(arch && { arch }),
  };
  if (normalizedVersion.startsWith('unmatchable')) return [{ ...shared, name, kind: 'layer' }];
  const found: Lookup[] = [
    { ...shared, name, kind },
    { ...shared, name, kind: 'ancestry' },
  ];
  return source === undefined ? found : [...found, { ...shared, name: source.name, kind: 'source' }];
}
