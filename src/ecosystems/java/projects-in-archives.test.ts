import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ZipMember } from '../../formats/archives/zip.fixture.ts';
import { inspect, manifest, noise, properties, told, zip } from './detect-archives.fixture.ts';

const AT = 'META-INF/maven/org.x/lib/pom.xml';
const project = (content: string, name = AT): ZipMember => ({
  name,
  content: `<project>${content}</project>`,
});
const OWN = '<groupId>org.x</groupId><artifactId>lib</artifactId><version>1.0</version>';
const PARENT = '<parent><groupId>org.x</groupId><artifactId>all</artifactId><version>1.0</version></parent>';

describe('a pom.xml in an archive', () => {
  const found = ['org.x:lib 1.0 maven:srv/all.jar'];
  const cases: [what: string, members: ZipMember[], want: string[]][] = [
    ['says coordinates', [project(OWN)], found],
    ['has those of its parent', [project(`${PARENT}<artifactId>lib</artifactId>`)], found],
    [
      'has properties',
      [project(`<properties><v>1.0</v></properties>${OWN.replace('1.0', '${' + 'v}')}`)],
      found,
    ],
    ['has a namespace and a comment', [project(`<!-- x -->${OWN}<dependencies/>`)], found],
    [
      'is not read beside pom.properties, which the build filled in',
      [project(OWN.replace('1.0', '2.0')), properties('org.x', 'lib', '1.0')],
      found,
    ],
    [
      'is read beside pom.properties of another',
      [project(OWN), properties('org.y', 'b', '2')],
      ['org.y:b 2 maven:srv/all.jar', ...found],
    ],
    ['that says no version is told', [project('<artifactId>lib</artifactId>')], [`! srv/all.jar:${AT}`]],
    ['that is cut is told', [{ name: AT, content: '<project><groupId>' }], [`! srv/all.jar:${AT}`]],
    ['that is none is told', [{ name: AT, content: '<html/>' }], [`! srv/all.jar:${AT}`]],
    ['elsewhere is of no package', [project(OWN, 'archetype-resources/pom.xml')], []],
  ];
  for (const [what, members, want] of cases)
    it(what, () => assert.deepEqual(told(inspect('srv/all.jar', zip(...members))), want));

  it('names the archive as pom.properties does', () =>
    assert.deepEqual(told(inspect('srv/lib-1.0.jar', zip(manifest(), noise, project(OWN)))), [
      'org.x:lib 1.0 maven:srv/lib-1.0.jar',
    ]));

  it('whose version is a property of its parent has that of the name of the file', () => {
    const open = project(`${PARENT}<artifactId>lib</artifactId><version>\${revision}</version>`);
    assert.deepEqual(told(inspect('srv/lib-1.5.jar', zip(open))), ['org.x:lib 1.5 maven:srv/lib-1.5.jar']);
  });
});
