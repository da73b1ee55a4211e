/** `renv.lock` (rstudio.github.io/renv: lockfile). */
import type { PackageList } from '../../contract/package-list.ts';
import { fieldOf, fieldsIn, parseJson } from '../../formats/json/file.ts';
import type { ListFormat, ListItem } from '../../formats/locks/list.ts';
import { namesBy } from '../../formats/locks/names.ts';
import { lockFiles } from '../lock-files.ts';
import { isOfBioconductor } from './description.ts';
import { BIOCONDUCTOR, CRAN } from './lookups.ts';

/** Those of one of the two registries; what is from elsewhere may be a copy of what CRAN has. */
function renvLock(bioconductor: boolean): ListFormat {
  return {
    is: /(?:^|\/)renv\.lock$/,
    *read(text): Generator<ListItem> {
      const packages = fieldOf(parseJson(text), 'Packages');
      if (packages === undefined) throw new Error('it has no Packages');
      for (const [key, value] of fieldsIn(packages)) {
        const origin = `${fieldOf(value, 'Source')} ${fieldOf(value, 'Repository')}`;
        if (isOfBioconductor(origin) !== bioconductor) continue;
        const [name, version] = [fieldOf(value, 'Package') ?? key, fieldOf(value, 'Version')];
        yield { name: String(name), version: typeof version === 'string' ? version : '' };
      }
    },
  };
}

// differs: detectors that Clair does not have: renv.lock in directories of sources
export const cranLocks = lockFiles({
  id: 'cran-lock',
  revision: '1',
  formats: [renvLock(false)],
  repository: CRAN,
  database: 'cran',
});

export const bioconductorLocks = lockFiles({
  id: 'bioconductor-lock',
  revision: '1',
  formats: [renvLock(true)],
  repository: BIOCONDUCTOR,
  database: 'bioconductor',
});

/** Told of in images. */
export const rLists: readonly PackageList[] = [
  { is: /^renv\.lock$/, names: namesBy(/"Package"\s*:\s*"([^"]+)"/g) },
];
