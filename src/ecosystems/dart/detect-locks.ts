/** `pubspec.lock` (dart.dev: pub, glossary). */
import type { PackageList } from '../../contract/package-list.ts';
import type { ListFormat, ListItem } from '../../formats/locks/list.ts';
import { namesBy } from '../../formats/locks/names.ts';
import { lockFiles } from '../lock-files.ts';
import { PUB } from './lookups.ts';

const pubspecLock: ListFormat = {
  is: /(?:^|\/)pubspec\.lock$/,
  endsLines: true,
  *read(text): Generator<ListItem> {
    if (!/^(?:packages|sdks):/m.test(text)) throw new Error('it is no lock file of pub');
    let inPackages = false;
    let name = '';
    let fields = new Map<string, string>();
    for (const raw of [...text.split('\n'), 'end:']) {
      const line = raw.trimEnd();
      const next = /^ {2}"?([\w.-]+)"?:$/.exec(line)?.[1];
      if (/^\S/.test(line) || next !== undefined) {
        // Packages of an SDK and folders have versions that mean nothing.
        const isOther = ['sdk', 'path'].includes(fields.get('source') ?? '');
        if (inPackages && name !== '' && !isOther) yield { name, version: fields.get('version') ?? '' };
        name = next ?? '';
        fields = new Map();
      }
      if (/^[^\s#]/.test(line)) inPackages = line === 'packages:';
      const [, key, value] = /^ {4}(source|version): *"?([^"]*)"?$/.exec(line) ?? [];
      if (key !== undefined && value !== undefined) fields.set(key, value);
    }
  },
};

// differs: a detector that Clair does not have: pubspec.lock in directories of sources
export const dartLocks = lockFiles({
  id: 'pub-lock',
  revision: '1',
  formats: [pubspecLock],
  repository: PUB,
  database: 'pub',
});

/** Told of in images. */
export const dartLists: readonly PackageList[] = [
  { is: /^pubspec\.lock$/, names: namesBy(/^ {2}(\w+):$/gm) },
];
