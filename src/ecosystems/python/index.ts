/** Python: distributions installed by pip and its like, matched against PyPI's advisories in OSV. */

import { osvLanguage } from '../osv-language.ts';
import { pythonLists, pythonLocks } from './detect-locks.ts';
import { installedDistributions, PYPI } from './detect-metadata.ts';
import { lookups, normaliseName, PYPI_SCOPE } from './lookups.ts';
import { projectFiles } from './project-files.ts';
import { purl } from './purl.ts';
import { pep440 } from './version.ts';

/** Python packages. */
export const python = osvLanguage({
  id: 'python',
  scope: PYPI_SCOPE,
  repository: PYPI,
  shownRepository: { name: 'pypi', uri: 'https://pypi.org/' },
  normaliseName,
  detectors: [installedDistributions, pythonLocks],
  lists: pythonLists,
  projectFiles,
  packageFiles: [{ begins: /^PK/, is: /\.whl$/, name: /^([^-]+)-/ }],
  versions: pep440,
  lookups,
  purl,
  dump: 'PyPI',
  ranges: ['ECOSYSTEM', 'SEMVER'],
  clairVersions: 'query',
});
