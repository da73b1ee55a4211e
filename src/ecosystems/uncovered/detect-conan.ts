/** `conan.lock` of Conan 1 and 2. */
import { fieldOf, fieldsIn, parseJson } from '../../formats/json/file.ts';
import type { ListFormat, ListItem } from '../../formats/locks/list.ts';
import { lockFiles } from '../lock-files.ts';
import { conanReference } from './conan-reference.ts';

const LISTS = ['requires', 'build_requires', 'python_requires', 'config_requires'];

export const conanLock: ListFormat = {
  is: /(?:^|\/)conan\.lock$/,
  *read(text): Generator<ListItem> {
    const document = parseJson(text);
    const nodes = fieldOf(fieldOf(document, 'graph_lock'), 'nodes');
    const lists = LISTS.map((key) => fieldOf(document, key)).filter(Array.isArray);
    if (nodes === undefined && lists.length === 0) throw new Error('it is no lock file of Conan');
    for (const reference of [...lists.flat(), ...fieldsIn(nodes).map(([, node]) => fieldOf(node, 'ref'))]) {
      // A recipe that lies here has no reference.
      if (reference === undefined || reference === null) continue;
      yield conanReference(reference);
    }
  },
};

// differs: a detector that Clair does not have: conan.lock in directories of sources
export const conanLocks = lockFiles({
  id: 'conan-lock',
  revision: '1',
  formats: [conanLock],
  repository: { name: 'conan', uri: 'https://conan.io/center/' },
  database: 'conan',
});
