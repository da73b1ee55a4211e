import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Guess, KnownNames } from '../../contract/lookup.ts';
import type { Digest } from '../../model/digest.ts';
import type { IndexedPackage } from '../../model/index-report.ts';
import type { Clues } from '../../model/package.ts';
import { MAVEN_CENTRAL } from './detect-archives.ts';
import { naming } from './naming.ts';

function archive(
  name: string,
  packageDb: string,
  {
    version = '1.0',
    repositories = [MAVEN_CENTRAL],
    ...clues
  }: Partial<Clues> & { version?: string; repositories?: object[] } = {},
): IndexedPackage {
  const { names = [], groups = [], folders = [] } = clues;
  const { root = folders[0] ?? '' } = clues;
  const more = names.length + folders.length > 0 && { clues: { names, groups, folders, root } };
  return {
    package: { name, version, kind: 'binary', ...more },
    environments: [{ packageDb, introducedIn: 'sha256:0' as Digest, repositories }],
  };
}

describe('names that an archive may have', () => {
  const cases: [name: string, database: string, artifacts: readonly string[] | undefined][] = [
    ['org.acme:lib', 'maven:opt/lib-1.0.jar', undefined],
    ['lib', 'maven:opt/lib-1.0.jar', ['lib']],
    ['spring-beans', 'jar:opt/spring-beans-5.3.1.jar', ['spring-beans']],
    ['org.apache.commons.io:Commons-IO', 'jar:a.jar', ['org.apache.commons.io', 'commons-io', 'a', 'io']],
    [
      'org.apache.tomcat-embed-core',
      'jar:app.war:WEB-INF/lib/embed-9.0.1.jar',
      ['org.apache.tomcat-embed-core', 'embed', 'tomcat-embed-core'],
    ],
    ['commons-io', 'file:opt/commons-io-2.4.JAR', ['commons-io']],
  ];
  for (const [name, database, artifacts] of cases)
    it(`${name} of ${database}`, () =>
      assert.deepEqual(naming.guess(archive(name, database))?.artifacts, artifacts));

  it('are none of packages of others', () =>
    assert.equal(naming.guess(archive('lodash', 'nodejs:x', { repositories: [] })), undefined));
});

/** What `packages` are called where advisories have `names`: the name, or `? ` and those that it may have. */
function settled(packages: readonly IndexedPackage[], names: readonly string[]): (string | undefined)[] {
  const guesses = new Map<number, Guess>();
  for (const [position, each] of packages.entries()) {
    const guess = naming.guess(each);
    if (guess !== undefined) guesses.set(position, guess);
  }
  const known: KnownNames = {
    byArtifact: Map.groupBy(names, (name) => name.split(':')[1]!.toLowerCase()),
    groups: new Set(names.map((name) => name.split(':')[0]!)),
  };
  const found = naming.settle(packages, guesses, known);
  return packages.map((_, position) => {
    const { name, perhaps = [] } = found.get(position) ?? {};
    return perhaps.length > 0 ? `? ${perhaps.join(' ')}` : name;
  });
}

describe('an archive is what advisories call so', () => {
  const cases: [artifact: string, clues: Partial<Clues>, names: string[], want: string | undefined][] = [
    [
      'spring-beans',
      { folders: ['org.springframework.beans'] },
      ['org.springframework:spring-beans', 'other.group:spring-beans'],
      'org.springframework:spring-beans',
    ],
    ['h2', { folders: ['org.h2.util', 'org.h2.command'] }, ['com.h2database:h2'], 'com.h2database:h2'],
    [
      'commons-io',
      { folders: ['org.apache.commons.io'] },
      ['commons-io:commons-io'],
      'commons-io:commons-io',
    ],
    [
      'log4j-core',
      { folders: ['org.apache.logging.log4j'] },
      [
        'com.guicedee.services:log4j-core',
        'org.apache.logging.log4j:log4j-core',
        'uk.co.nichesolutions.logging.log4j:log4j-core',
      ],
      'org.apache.logging.log4j:log4j-core',
    ],
    [
      'jackson-databind',
      { folders: ['com.fasterxml.jackson.databind'] },
      ['com.fasterxml.jackson.core:jackson-databind'],
      'com.fasterxml.jackson.core:jackson-databind',
    ],
    [
      'mysql-connector-java',
      { folders: ['com.mysql.cj'] },
      ['mysql:mysql-connector-java'],
      'mysql:mysql-connector-java',
    ],
    [
      'tomcat-embed-core',
      { folders: ['org.apache.tomcat.util', 'org.apache.catalina'] },
      ['org.apache.tomcat.embed:tomcat-embed-core'],
      'org.apache.tomcat.embed:tomcat-embed-core',
    ],
    [
      'guava',
      { folders: ['com.google.common.collect'] },
      ['com.google.guava:guava'],
      'com.google.guava:guava',
    ],
    [
      'okhttp',
      { folders: ['okhttp3.internal'] },
      ['com.squareup.okhttp3:okhttp'],
      'com.squareup.okhttp3:okhttp',
    ],
    [
      'struts2-core',
      { folders: ['org.apache.struts2'] },
      ['org.apache.struts:struts2-core'],
      'org.apache.struts:struts2-core',
    ],
    [
      'jakarta.servlet-api',
      { folders: ['javax.servlet'] },
      ['jakarta.servlet:jakarta.servlet-api'],
      'jakarta.servlet:jakarta.servlet-api',
    ],
    [
      'catalina',
      {
        names: ['catalina', 'org.apache.tomcat-catalina'],
        folders: ['org.apache.catalina', 'org.apache.tomcat'],
      },
      ['org.apache.tomcat:tomcat-catalina'],
      'org.apache.tomcat:tomcat-catalina',
    ],
    [
      'woodstox-core',
      { folders: ['com.ctc.wstx'] },
      ['com.fasterxml.woodstox:woodstox-core'],
      '? com.fasterxml.woodstox:woodstox-core',
    ],
    [
      'netty',
      { folders: ['org.jboss.netty'] },
      ['io.netty:netty', 'org.jboss.netty:netty'],
      '? io.netty:netty org.jboss.netty:netty',
    ],
    ['core', { folders: ['com.acme.billing'] }, ['org.foo:core', 'io.bar:core'], 'com.acme.billing:core'],
    ['lib', {}, ['org.acme:lib'], '? org.acme:lib'],
    ['lib', {}, [], undefined],
  ];
  for (const [artifact, clues, names, want] of cases)
    it(`${artifact} of ${clues.folders?.[0] ?? 'no classes'} by ${names.join(', ')}`, () => {
      const each = archive(artifact, `jar:opt/${artifact}-1.0.jar`, { names: [artifact], ...clues });
      assert.deepEqual(settled([each], names), [want]);
    });
});

describe('archives that no advisory is about are of a group', () => {
  const spring = (artifact: string, folder?: string): IndexedPackage =>
    archive(artifact, `jar:app.jar:BOOT-INF/lib/${artifact}-2.6.5.jar`, {
      names: [artifact],
      version: '2.6.5',
      ...(folder && { folders: [folder] }),
    });
  const cases: [what: string, packages: IndexedPackage[], names: string[], want: (string | undefined)[]][] = [
    [
      'by the classes of their kin',
      [
        spring('spring-boot', 'org.springframework.boot'),
        spring('spring-boot-actuator', 'org.springframework.boot.actuate'),
        spring('spring-boot-starter'),
      ],
      [],
      [
        'org.springframework.boot:spring-boot',
        'org.springframework.boot:spring-boot-actuator',
        'org.springframework.boot:spring-boot-starter',
      ],
    ],
    [
      'by kin that say theirs',
      [
        archive('org.apache.tomcat.embed:tomcat-embed-core', 'maven:lib/tomcat-embed-core-1.0.jar'),
        archive('tomcat-embed-el', 'jar:lib/tomcat-embed-el-1.0.jar', {
          names: ['tomcat-embed-el'],
          folders: ['org.apache.el', 'javax.el'],
          root: '',
        }),
      ],
      [],
      [undefined, 'org.apache.tomcat.embed:tomcat-embed-el'],
    ],
    [
      'by what the manifests of their kin hint at',
      [
        archive('tomcat-juli', 'jar:lib/tomcat-juli.jar', {
          names: ['tomcat-juli'],
          groups: ['org.apache.tomcat'],
          folders: ['org.apache.juli'],
        }),
        archive('tomcat-i18n-fr', 'file:lib/tomcat-i18n-fr.jar', { names: ['tomcat-i18n-fr'] }),
      ],
      [],
      ['org.apache.tomcat:tomcat-juli', 'org.apache.tomcat:tomcat-i18n-fr'],
    ],
    [
      'by the group of other advisories',
      [
        archive('spring-aop', 'jar:lib/spring-aop-1.0.jar', {
          names: ['spring-aop'],
          folders: ['org.springframework.aop.framework'],
        }),
      ],
      ['org.springframework:spring-beans'],
      ['org.springframework:spring-aop'],
    ],
    [
      'by their manifests',
      [
        archive('reactor-core', 'jar:lib/reactor-core-1.0.jar', {
          names: ['reactor-core'],
          groups: ['io.projectreactor'],
          folders: ['reactor.core'],
        }),
      ],
      [],
      ['io.projectreactor:reactor-core'],
    ],
    [
      'by their classes',
      [
        archive('micrometer-core', 'jar:lib/micrometer-core-1.0.jar', {
          names: ['micrometer-core'],
          folders: ['io.micrometer.core'],
        }),
      ],
      [],
      ['io.micrometer:micrometer-core'],
    ],
  ];
  for (const [what, packages, names, want] of cases)
    it(what, () => assert.deepEqual(settled(packages, names), want));
});
