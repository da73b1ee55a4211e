/** What of an index report is looked up in the advisories of PyPI. */

import { lookupsOf } from '../osv-language.ts';
import { PYPI } from './detect-metadata.ts';

/** The scope of all advisories of PyPI. */
export const PYPI_SCOPE = 'pypi';

/** PEP 503, "Normalized Names". */
// differs: `Foo_Bar` and `foo-bar` are one project (clair-indexing.md#language-versions)
export function normaliseName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}

/** A package from the repository `pypi`. */
export const lookups = lookupsOf({ scope: PYPI_SCOPE, repository: PYPI, normaliseName });
