/** `Podfile.lock` of CocoaPods. */
import type { ListFormat, ListItem } from '../../formats/locks/list.ts';
import { lockFiles } from '../lock-files.ts';

export const podfileLock: ListFormat = {
  is: /(?:^|\/)Podfile\.lock$/,
  *read(text): Generator<ListItem> {
    if (!/^(?:PODS|DEPENDENCIES):/m.test(text)) throw new Error('it is no lock file of CocoaPods');
    let section = '';
    for (const raw of text.split('\n')) {
      const line = raw.trimEnd();
      if (/^\S/.test(line)) section = line;
      // `- "Name/Part (1.0)":`: a part has the version of the whole.
      const [, name, version] = /^ {2}- "?([^\s"/()]+)[^\s"()]* \(([^()=<>~\s]+)\)"?:?$/.exec(line) ?? [];
      if (section === 'PODS:' && name !== undefined && version !== undefined) yield { name, version };
    }
  },
};

// differs: a detector that Clair does not have: Podfile.lock in directories of sources
export const podLocks = lockFiles({
  id: 'cocoapods-lock',
  revision: '1',
  formats: [podfileLock],
  repository: { name: 'cocoapods', uri: 'https://cocoapods.org/' },
  database: 'cocoapods',
});
