/** `composer.lock` of folders of sources. */
import type { PackageList } from '../../contract/package-list.ts';
import { fieldOf, parseJson } from '../../formats/json/file.ts';
import type { ListFormat, ListItem } from '../../formats/locks/list.ts';
import { nameMembers, namesInJson } from '../../formats/locks/names.ts';
import { lockFiles } from '../lock-files.ts';
import { PACKAGIST } from './detect-installed.ts';

const composerLock: ListFormat = {
  is: /(?:^|\/)composer\.lock$/,
  *read(text): Generator<ListItem> {
    const document = parseJson(text);
    if (!Array.isArray(fieldOf(document, 'packages'))) throw new Error('it has no list of packages');
    for (const key of ['packages', 'packages-dev']) {
      const packages = fieldOf(document, key);
      for (const each of Array.isArray(packages) ? packages : []) {
        // A folder beside it is the project itself.
        if (fieldOf(fieldOf(each, 'dist'), 'type') === 'path') continue;
        yield { name: textOf(fieldOf(each, 'name')), version: textOf(fieldOf(each, 'version')) };
      }
    }
  },
};

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

// differs: a detector that Clair does not have: composer.lock in directories of sources
export const composerLocks = lockFiles({
  id: 'composer-lock',
  revision: '1',
  formats: [composerLock],
  repository: PACKAGIST,
  database: 'composer',
});

/** Told of in images. */
export const composerLists: readonly PackageList[] = [
  {
    is: /^composer\.lock$/,
    names: namesInJson((document) => nameMembers(fieldOf(document, 'packages'))),
  },
];
