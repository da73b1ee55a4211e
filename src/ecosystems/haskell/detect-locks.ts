/** `cabal.project.freeze`, and `stack.yaml.lock`. */
import type { PackageList } from '../../contract/package-list.ts';
import type { ListFormat, ListItem } from '../../formats/locks/list.ts';
import { namesBy } from '../../formats/locks/names.ts';
import { lockFiles } from '../lock-files.ts';
import { HACKAGE } from './lookups.ts';

const freeze: ListFormat = {
  is: /(?:^|\/)cabal(?:\.[\w.-]+)?\.project\.freeze$/,
  endsLines: true,
  *read(text): Generator<ListItem> {
    for (const [, name, version] of text.matchAll(
      /(?:^|[\s,])(?:any\.)?([A-Za-z][\w-]{0,200}) {0,9}== {0,9}([\d.]+)/g,
    ))
      yield { name: name ?? '', version: version ?? '' };
  },
};

const stackLock: ListFormat = {
  is: /(?:^|\/)stack\.yaml\.lock$/,
  endsLines: true,
  *read(text): Generator<ListItem> {
    for (const [, name, version] of text.matchAll(/\bhackage: *"?([A-Za-z][\w-]{0,200})-([\d.]+)@/g))
      yield { name: name ?? '', version: version ?? '' };
    // docs.haskellstack.org: what the snapshot has is not in it.
    if (/^snapshots:\s*\n- /m.test(text))
      yield { unread: 'packages from its snapshot are not listed: not checked' };
  },
};

// differs: a detector that Clair does not have: lists of Cabal and Stack in directories of sources
export const haskellLocks = lockFiles({
  id: 'haskell-lock',
  revision: '1',
  formats: [freeze, stackLock],
  repository: HACKAGE,
  database: 'hackage',
});

/** Told of in images. */
export const haskellLists: readonly PackageList[] = [
  { is: /^stack\.yaml\.lock$/, names: namesBy(/hackage: ([\w-]+)-\d/g) },
  { is: /^cabal\.project\.freeze$/, names: namesBy(/any\.([\w-]+) ==/g) },
];
