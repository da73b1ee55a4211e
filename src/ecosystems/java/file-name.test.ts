import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readFileName } from './file-name.ts';

describe('names of archives', () => {
  const cases: [base: string, artifact: string | undefined, version?: string][] = [
    ['commons-io-2.4.jar', 'commons-io', '2.4'],
    ['log4j-1.2-api-2.19.0.jar', 'log4j-1.2-api', '2.19.0'],
    ['guava-29.0-jre.jar', 'guava', '29.0-jre'],
    ['app-1.0-SNAPSHOT.jar', 'app', '1.0-SNAPSHOT'],
    ['app-1.0-20240101.120000-1.jar', 'app', '1.0-20240101.120000-1'],
    ['jaxb-impl-2.2.3-1.jar', 'jaxb-impl', '2.2.3-1'],
    ['zstd-jni-1.5.0-2.jar', 'zstd-jni', '1.5.0-2'],
    ['javax.inject-2.5.0-b42.jar', 'javax.inject', '2.5.0-b42'],
    ['log4j-1.2.17-16.atlassian.jar', 'log4j', '1.2.17-16.atlassian'],
    ['kafka_2.13-3.1.0.jar', 'kafka_2.13', '3.1.0'],
    ['hibernate-core-5.6.7.Final.jar', 'hibernate-core', '5.6.7.Final'],
    [
      'netty-transport-native-epoll-4.1.75.Final-linux-x86_64.jar',
      'netty-transport-native-epoll',
      '4.1.75.Final',
    ],
    ['log4j-core-2.14.1-shaded.jar', 'log4j-core', '2.14.1'],
    ['app-2.0-jar-with-dependencies.jar', 'app', '2.0'],
    ['http-client.jar', 'http-client'],
    ['org.eclipse.jdt.core_3.26.0.v20210609.jar', 'org.eclipse.jdt.core', '3.26.0.v20210609'],
    ['app-1.0.war', 'app', '1.0'],
    ['app.KAR', 'app'],
    ['app.jar', 'app'],
    ['-1.jar', '-1'],
    ['a b-1.jar', undefined],
    ['.jar', undefined],
    [`${'-1'.repeat(300)}_.jar`, undefined],
  ];
  for (const [base, artifact, version] of cases) {
    it(base.slice(0, 50), () => {
      const read = readFileName(base);
      assert.deepEqual([read?.artifact, read?.version], [artifact, version]);
    });
  }

  it('take no time over any text', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9.-]{0,500}$/), (text) => {
        const read = readFileName(`${text}.jar`);
        assert.ok(read === undefined || `${text}.jar`.startsWith(read.artifact));
      }),
    );
    for (const part of ['-1', 'a-', '1.', '-alpha', '_1.1.1'])
      readFileName(`${part.repeat(500 / part.length)}.jar`);
  });
});
