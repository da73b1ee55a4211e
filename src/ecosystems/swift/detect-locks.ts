/** `Package.resolved` of all three versions (Swift Package Manager), in packages and in projects of Xcode. */
import type { PackageList } from '../../contract/package-list.ts';
import { fieldOf, parseJson } from '../../formats/json/file.ts';
import type { ListFormat, ListItem } from '../../formats/locks/list.ts';
import { namesBy } from '../../formats/locks/names.ts';
import { lockFiles } from '../lock-files.ts';
import { normaliseName, SWIFT } from './lookups.ts';

const packageResolved: ListFormat = {
  is: /(?:^|\/)Package\.resolved$/,
  *read(text): Generator<ListItem> {
    const document = parseJson(text);
    const pins = fieldOf(document, 'pins') ?? fieldOf(fieldOf(document, 'object'), 'pins');
    if (!Array.isArray(pins)) throw new Error('it has no list of pins');
    for (const pin of pins) {
      const place = fieldOf(pin, 'location') ?? fieldOf(pin, 'repositoryURL');
      const state = fieldOf(pin, 'state');
      // Of a branch or commit no version is known: advisories about the package are undecided then.
      const version = ['version', 'branch', 'revision']
        .map((key) => fieldOf(state, key))
        .find((value) => typeof value === 'string');
      yield { name: typeof place === 'string' ? normaliseName(place) : '', version: String(version ?? '') };
    }
  },
};

// differs: a detector that Clair does not have: Package.resolved in directories of sources
export const swiftLocks = lockFiles({
  id: 'swift-lock',
  revision: '1',
  formats: [packageResolved],
  repository: SWIFT,
  database: 'swift',
});

/** Told of in images. A build has copies of those of its dependencies, in a directory of sources beside the one that is read. */
export const swiftLists: readonly PackageList[] = [
  {
    is: /^Package\.resolved$/,
    detectors: ['swift-lock'],
    names: namesBy(/"(?:identity|package)"\s*:\s*"([^"]+)"/g),
  },
];
