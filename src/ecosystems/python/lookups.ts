/** What of an index report is looked up in the advisories of PyPI. */

import type { Lookup } from '../../contract/lookup.ts';
import type { IndexRecord } from '../../model/index-report.ts';
import { PYPI } from './detect-metadata.ts';

/** The scope of all advisories of PyPI. */
export const PYPI_SCOPE = 'pypi';

/** PEP 503, "Normalized Names". */
// differs: `Foo_Bar` and `foo-bar` are one project (clair-indexing.md#language-versions)
export function normaliseName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}

/** A package from the repository `pypi`. */
export function lookups({ package: found, repository }: IndexRecord): readonly Lookup[] {
  if (repository?.name !== PYPI.name || found.kind !== 'binary') return [];
  return [{ scope: PYPI_SCOPE, name: normaliseName(found.name), kind: 'binary', version: found.version }];
}
