import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Digest } from '../../model/digest.ts';
import type { IndexedPackage } from '../../model/index-report.ts';
import { MAVEN_CENTRAL } from './detect-archives.ts';
import { guesses } from './guesses.ts';

function archive(name: string, packageDb: string, repositories = [MAVEN_CENTRAL]): IndexedPackage {
  return {
    package: { name, version: '1.0', kind: 'binary' },
    environments: [{ packageDb, introducedIn: 'sha256:0' as Digest, repositories }],
  };
}

describe('names that an archive may have', () => {
  const cases: [name: string, database: string, artifacts: readonly string[] | undefined][] = [
    ['org.acme:lib', 'maven:opt/lib-1.0.jar', undefined],
    ['lib', 'maven:opt/lib-1.0.jar', ['lib']],
    ['spring-beans', 'jar:opt/spring-beans-5.3.1.jar', ['spring-beans']],
    ['org.apache.commons.io:Commons-IO', 'jar:a.jar', ['org.apache.commons.io', 'commons-io', 'io', 'a']],
    [
      'org.apache.tomcat-embed-core',
      'jar:app.war:WEB-INF/lib/embed-9.0.1.jar',
      ['org.apache.tomcat-embed-core', 'tomcat-embed-core', 'embed'],
    ],
    ['commons-io', 'file:opt/commons-io-2.4.JAR', ['commons-io']],
  ];
  for (const [name, database, artifacts] of cases)
    it(`${name} of ${database}`, () =>
      assert.deepEqual(guesses(archive(name, database))?.artifacts, artifacts));

  it('are none of packages of others', () =>
    assert.equal(guesses(archive('lodash', 'nodejs:x', [])), undefined));
});
