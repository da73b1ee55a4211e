/** Python: distributions installed by pip and its like, matched against PyPI's advisories in OSV. */

import type { Ecosystem } from '../../contract/ecosystem.ts';
import { foreignOsv } from '../../formats/clair/foreign-language.ts';
import { osv } from '../../formats/osv/osv.ts';
import { byPath } from '../coalesce.ts';
import { installedDistributions, PYPI } from './detect-metadata.ts';
import { lookups, normaliseName, PYPI_SCOPE } from './lookups.ts';
import { purl } from './purl.ts';
import { pep440 } from './version.ts';

/** Python packages. */
export const python: Ecosystem = {
  id: 'python',
  scopes: [PYPI_SCOPE],
  detectors: [installedDistributions],
  coalesce: byPath,
  versions: pep440,
  lookups,
  ...foreignOsv({ scope: PYPI_SCOPE, repository: PYPI, normaliseName, versions: 'query' }),
  purl,
  feeds: [
    osv({
      dump: 'PyPI',
      scope: { key: PYPI_SCOPE, repository: { name: 'pypi', uri: 'https://pypi.org/' } },
      versions: pep440,
      normaliseName,
      ranges: ['ECOSYSTEM', 'SEMVER'],
      encodeFixed: 'query',
    }),
  ],
};
