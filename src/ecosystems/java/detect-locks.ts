/** Lists of Java packages that are to be installed. */
import type { PackageList } from '../../contract/package-list.ts';
import { type ListFormat, type ListItem, someOf } from '../../formats/locks/list.ts';
import { namesBy } from '../../formats/locks/names.ts';
import { lockFiles } from '../lock-files.ts';
import { MAVEN_CENTRAL } from './detect-archives.ts';
import { gradleLock, sbtLock } from './lock-gradle.ts';
import { readPom } from './pom.ts';

/** A project of Maven says what it needs itself; what that needs is only in the repositories. */
const pom: ListFormat = {
  is: /(?:^|\/)(?:pom|[\w.-]+\.pom|pom-[\w.-]+)\.xml$|\.pom$/,
  *read(text, beside): Generator<ListItem> {
    const { dependencies, foreign } = readPom(text, beside);
    const open: string[] = [];
    for (const { group, artifact, version } of dependencies) {
      const name = `${group}:${artifact}`;
      if (version === undefined) open.push(name);
      else yield { name, version };
    }
    if (open.length > 0) {
      const where = foreign.length > 0 ? `, which ${someOf(foreign)} may say` : '';
      yield { unread: `no version of ${someOf(open)} is in it${where}: not checked` };
    }
    if (dependencies.length > 0)
      yield { unread: 'what its dependencies need is not in it, and not checked: scan what Maven has built' };
  },
};

// differs: a detector that Clair does not have: pom.xml and lock files of Gradle and sbt in directories of sources
export const javaLocks = lockFiles({
  id: 'java-lock',
  revision: '1',
  formats: [pom, gradleLock, sbtLock],
  repository: MAVEN_CENTRAL,
  database: 'maven',
});

/** Told of in images. */
export const javaLists: readonly PackageList[] = [
  {
    is: /^pom\.xml$/,
    names: namesBy(/<dependency>(?:(?!<\/dependency>)[\s\S]){0,2000}?<artifactId>\s*([^<\s]+)/g),
  },
  { is: /^(?:gradle|buildscript-gradle)\.lockfile$/, names: namesBy(/^[^:#\s]+:([^:\s]+):/gm) },
  { is: /^build\.sbt\.lock$/, names: namesBy(/"name"\s*:\s*"([^"]+)"/g) },
];
