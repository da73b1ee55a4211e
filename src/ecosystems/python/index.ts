/** Python: distributions installed by pip and its like, matched against PyPI's advisories in OSV. */
import { osv } from '../../formats/osv.ts';
import { byPath } from '../coalesce.ts';
import type { Ecosystem } from '../contract.ts';
import { installedDistributions } from './detect-metadata.ts';
import { findings, normaliseName, PYPI_SCOPE } from './findings.ts';
import { pep440 } from './version.ts';

/** Python packages. */
export const python: Ecosystem = {
  id: 'python',
  detectors: [installedDistributions],
  coalesce: byPath,
  versions: pep440,
  findings,
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
