/** Lists of Python packages that are to be installed. */
import { lockFiles } from '../lock-files.ts';
import { PYPI } from './detect-metadata.ts';
import { pipenvLock } from './lock-pipenv.ts';
import { requirements } from './lock-requirements.ts';
import { tomlLock } from './lock-toml.ts';
import { normalizedPep440, parsePep440, publicVersion } from './version.ts';

// differs: a detector that Clair does not have: lock files of Python, and requirements.txt, in directories of sources
export const pythonLocks = lockFiles({
  id: 'python-lock',
  revision: '1',
  formats: [tomlLock, pipenvLock, requirements],
  repository: PYPI,
  database: 'python',
  written: ({ name, version }) => {
    const pep440 = parsePep440(version);
    if (pep440 === undefined) return { name: name.toLowerCase(), version };
    return {
      name: name.toLowerCase(),
      version: publicVersion(pep440),
      normalizedVersion: normalizedPep440(pep440),
    };
  },
});
