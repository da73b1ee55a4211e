/** Finds the packages in pub's cache, whose folders say their names and versions (dart.dev: pub, PUB_CACHE). */
import { folderOf } from '../package-folders.ts';
import { recordDetector } from '../record-files.ts';
import { PUB } from './lookups.ts';

const CACHED = /(?:^|\/)hosted\/[^/]+\/([a-z0-9_]+)-(\d[^/]*)\/pubspec\.yaml$/;

// differs: a detector that Clair does not have: packages in caches of pub
export const cachedDart = recordDetector(
  {
    id: 'pub',
    part: 'pubspec.yaml',
    is: CACHED,
    read(path) {
      const [, name = '', version = ''] = CACHED.exec(path) ?? [];
      return [{ name, version }];
    },
    folder: folderOf,
  },
  { revision: '1', from: PUB },
);
