/** `Gemfile.lock` of folders of sources (bundler.io). */
import type { PackageList } from '../../contract/package-list.ts';
import type { ListFormat, ListItem } from '../../formats/locks/list.ts';
import { namesBeforeVersions } from '../../formats/locks/names.ts';
import { lockFiles } from '../lock-files.ts';
import { RUBYGEMS } from './detect-gemspecs.ts';

const SECTIONS: ReadonlySet<string> = new Set([
  ...[
    'GEM',
    'GIT',
    'PATH',
    'PLUGIN SOURCE',
    'PLATFORMS',
    'DEPENDENCIES',
    'CHECKSUMS',
    'RUBY VERSION',
    'BUNDLED WITH',
  ],
]);

/** A section, a setting of its source, a gem, or what a gem needs. */
const KNOWN_LINE = /^(?:\S.*| {2}[\w-]+:.*| {4}\S+ \([^()]+\)| {6}\S.*|)$/;

const gemfileLock: ListFormat = {
  is: /(?:^|\/)(?:Gemfile[\w.-]*\.lock|[\w.-]+\.gemfile\.lock|gems\.locked)$/,
  endsLines: true,
  *read(text): Generator<ListItem> {
    if (text.trim() !== '' && !/^(?:GEM|GIT|PATH|PLATFORMS|DEPENDENCIES)\s*$/m.test(text))
      throw new Error('it is no lock file of Bundler');
    let section = '';
    for (const raw of text.split('\n')) {
      const line = raw.trimEnd();
      if (/^\S/.test(line)) section = line;
      if (/^\S/.test(line) && !SECTIONS.has(line))
        yield { unread: `an unknown section: ${line.slice(0, 80)}` };
      // PATH is the project itself.
      if (section !== 'GEM' && section !== 'GIT' && section !== 'PLUGIN SOURCE') continue;
      if (!KNOWN_LINE.test(line)) yield { unread: `a line is no gem: ${line.slice(0, 80)}` };
      const [, name, version] = /^ {4}(\S+) \(([^()]+)\)$/.exec(line) ?? [];
      // A platform follows a hyphen, which versions do not have: `1.16.0-x86_64-linux`.
      if (name !== undefined && version !== undefined) yield { name, version: version.replace(/-.*$/s, '') };
    }
  },
};

// differs: a detector that Clair does not have: Gemfile.lock in directories of sources
export const gemLocks = lockFiles({
  id: 'ruby-lock',
  revision: '1',
  formats: [gemfileLock],
  repository: RUBYGEMS,
  database: 'ruby',
});

/** Told of in images. */
export const gemLists: readonly PackageList[] = [
  { is: /^(?:Gemfile\.lock|gems\.locked)$/, names: namesBeforeVersions },
];
