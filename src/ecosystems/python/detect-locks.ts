/** Lists of Python packages that are to be installed. */
import type { PackageList } from '../../contract/package-list.ts';
import { fieldOf, fieldsIn } from '../../formats/json/file.ts';
import { namesBy, namesInJson, namesInToml } from '../../formats/locks/names.ts';
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

/** Told of in images. */
export const pythonLists: readonly PackageList[] = [
  { is: /^requirements[\w.-]*\.txt$/, names: namesBy(/^[ \t]*([A-Za-z0-9][\w.-]*)/gm) },
  {
    is: /^Pipfile\.lock$/,
    names: namesInJson((document) => fieldsIn(fieldOf(document, 'default')).map(([name]) => name)),
  },
  { is: /^(?:(?:poetry|uv|pdm)\.lock|pylock(?:\.[\w-]+)?\.toml)$/, names: namesInToml },
];
