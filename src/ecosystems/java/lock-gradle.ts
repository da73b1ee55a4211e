/** Lock files of Gradle (docs.gradle.org: locking dependencies) and of sbt-dependency-lock. */
import { fieldOf, parseJson } from '../../formats/json/file.ts';
import type { ListFormat, ListItem } from '../../formats/locks/list.ts';

export const gradleLock: ListFormat = {
  is: /(?:^|\/)(?:(?:buildscript-)?gradle\.lockfile|dependency-locks\/[^/]+\.lockfile)$/,
  endsLines: true,
  *read(text): Generator<ListItem> {
    for (const raw of text.split('\n')) {
      const line = raw.trim();
      if (line === '' || line.startsWith('#') || line.startsWith('empty=')) continue;
      const [, group, artifact, version] = /^([^:=\s]+):([^:=\s]+):([^:=\s]+)(?:=.*)?$/.exec(line) ?? [];
      if (version === undefined) yield { unread: `a line is no package: ${line.slice(0, 80)}` };
      else yield { name: `${group}:${artifact}`, version };
    }
  },
};

export const sbtLock: ListFormat = {
  is: /(?:^|\/)[^/]+\.sbt\.lock$/,
  *read(text): Generator<ListItem> {
    const list = fieldOf(parseJson(text), 'dependencies');
    if (!Array.isArray(list)) throw new Error('it has no list of dependencies');
    for (const each of list) {
      const [group, artifact, version] = ['org', 'name', 'version'].map((key) => fieldOf(each, key));
      yield { name: group && artifact ? `${group}:${artifact}` : '', version: String(version ?? '') };
    }
  },
};
