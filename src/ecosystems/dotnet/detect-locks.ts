/** `packages.lock.json` of folders of sources (learn.microsoft.com: PackageReference, locking dependencies), and the older `packages.config`. */
import { fieldOf, fieldsIn, parseJson } from '../../formats/json/file.ts';
import type { ListFormat, ListItem } from '../../formats/locks/list.ts';
import { childrenOf, readXmlDocument } from '../../formats/xml/records.ts';
import { lockFiles } from '../lock-files.ts';
import { NUGET } from './detect-deps.ts';

const packagesLock: ListFormat = {
  is: /(?:^|\/)packages(?:\.[\w.-]+)?\.lock\.json$/i,
  *read(text): Generator<ListItem> {
    const frameworks = fieldOf(parseJson(text), 'dependencies');
    if (frameworks === undefined) throw new Error('it has no dependencies');
    for (const [, packages] of fieldsIn(frameworks)) {
      for (const [name, value] of fieldsIn(packages)) {
        if (String(fieldOf(value, 'type')).toLowerCase() === 'project') continue;
        const version = fieldOf(value, 'resolved');
        yield { name, version: typeof version === 'string' ? version : '' };
      }
    }
  },
};

const packagesConfig: ListFormat = {
  is: /(?:^|\/)packages\.config$/i,
  *read(text): Generator<ListItem> {
    const list = readXmlDocument(Buffer.from(text), 'packages.config');
    for (const { name } of list.children)
      if (name !== 'package') yield { unread: `an element is no package: ${name.slice(0, 80)}` };
    for (const { attributes } of childrenOf(list, 'package'))
      yield { name: attributes.id ?? '', version: attributes.version ?? '' };
  },
};

// differs: a detector that Clair does not have: packages.lock.json and packages.config in directories of sources
export const nugetLocks = lockFiles({
  id: 'nuget-lock',
  revision: '1',
  formats: [packagesLock, packagesConfig],
  repository: NUGET,
  database: 'nuget',
});
