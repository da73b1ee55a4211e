/**
 * `packages.lock.json` of folders of sources (learn.microsoft.com: PackageReference, locking dependencies), the older
 * `packages.config`, and `paket.lock` (fsprojects.github.io/Paket).
 */
import type { PackageList } from '../../contract/package-list.ts';
import { fieldOf, fieldsIn, parseJson } from '../../formats/json/file.ts';
import type { ListFormat, ListItem } from '../../formats/locks/list.ts';
import { namesBeforeVersions, namesBy, namesInJson } from '../../formats/locks/names.ts';
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

/** Sections of sources; below each its settings, its packages, and what these need. */
const paketLock: ListFormat = {
  is: /(?:^|\/)paket\.lock$/,
  endsLines: true,
  *read(text): Generator<ListItem> {
    if (text.trim() !== '' && !/^(?:NUGET|GITHUB|GIT|HTTP|GROUP )/m.test(text))
      throw new Error('it is no lock file of Paket');
    let section = '';
    for (const raw of text.split('\n')) {
      const line = raw.trimEnd();
      if (/^\S/.test(line)) {
        section = line;
        if (/^(?:GITHUB|GIT|HTTP)$/.test(line))
          yield { unread: `what is from ${line} is no package of NuGet, and not checked` };
        else if (!/^(?:NUGET$|GROUP |[A-Z-]+: )/.test(line))
          yield { unread: `an unknown section: ${line.slice(0, 80)}` };
      }
      if (section !== 'NUGET') continue;
      const [, name, version] = /^ {4}(\S+) \(([^()\s]+)\)(?: |$)/.exec(line) ?? [];
      if (name !== undefined && version !== undefined) yield { name, version };
      else if (!/^(?:NUGET| {2}[\w-]+:.*| {6}\S.*|)$/.test(line))
        yield { unread: `a line is no package: ${line.slice(0, 80)}` };
    }
  },
};

// differs: a detector that Clair does not have: packages.lock.json, packages.config and paket.lock in directories of sources
export const nugetLocks = lockFiles({
  id: 'nuget-lock',
  revision: '2',
  formats: [packagesLock, packagesConfig, paketLock],
  repository: NUGET,
  database: 'nuget',
});

/** Told of in images. */
export const nugetLists: readonly PackageList[] = [
  {
    is: /^packages\.lock\.json$/,
    names: namesInJson((document) =>
      fieldsIn(fieldOf(document, 'dependencies')).flatMap(([, of]) => fieldsIn(of).map(([name]) => name)),
    ),
  },
  { is: /^packages\.config$/i, names: namesBy(/<package\s(?:[^>]*\s)?id\s*=\s*"([^"]+)"/g) },
  { is: /^paket\.lock$/, names: namesBeforeVersions },
  // Versions of what projects may use: read by nothing, in directories of sources as well, where their lock files are.
  {
    is: /^Directory\.Packages\.props$/i,
    detectors: ['dotnet-deps', 'dotnet-bundle', 'nuget-lock'],
    names: namesBy(/<PackageVersion\s(?:[^>]*\s)?Include\s*=\s*"([^"]+)"/g),
  },
];
