import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Entry } from '../../contract/detector.ts';
import { layerFile, unreadableFile } from '../../contract/layer-file.fixture.ts';
import { makeZip } from '../../formats/archives/zip.fixture.ts';
import {
  inspect,
  library,
  manifest,
  noise,
  properties,
  titled,
  told,
  zip,
} from './detect-archives.fixture.ts';
import { javaArchives, MAVEN_CENTRAL } from './detect-archives.ts';

it('finds an archive behind whatever is before it, as Java does', () => {
  for (const prefix of ['x', '\0'.repeat(70_000), 'GIF89a'])
    assert.deepEqual(
      told(inspect('a.jar', makeZip({ members: [properties('g', 'a', '1')], prefix: Buffer.from(prefix) }))),
      ['g:a 1 maven:a.jar'],
    );
  // Neither the head nor the directory of an archive: Java opens none, and nothing is missing.
  assert.deepEqual(inspect('a.jar', Buffer.from('<html>404 Not Found</html>')), []);
});

describe('an archive that holds archives', () => {
  for (const type of ['aar', 'esa', 'nbm', 'vsix', 'oxt', 'mar', 'eba', 'wab', 'NBM'])
    it(`named .${type}`, () => {
      const path = `srv/x.${type}`;
      const outer = zip({ name: 'modules/a.jar', content: library });
      assert.deepEqual(told(inspect(path, outer)), [`org.x:lib 1.0 maven:${path}:modules/a.jar`]);
    });
});

describe('an archive that is not named so', () => {
  const pom = properties('org.x', 'lib', '1.0');
  const nested = makeZip({ members: [manifest(), { name: 'BOOT-INF/lib/a.jar', content: library }] });
  const script = Buffer.from(`#!/bin/sh\nexec java -jar "$0"\n${'#'.repeat(80_000)}\n`);
  for (const [what, path, content, want] of [
    ['of any name', 'srv/app', zip(manifest(), pom), ['org.x:lib 1.0 maven:srv/app']],
    [
      'that was put aside',
      'srv/lib-1.0.jar.original',
      zip(manifest(), pom),
      ['org.x:lib 1.0 maven:srv/lib-1.0.jar.original'],
    ],
    [
      'that a script runs',
      'srv/app',
      Buffer.concat([script, nested]),
      ['org.x:lib 1.0 maven:srv/app:BOOT-INF/lib/a.jar'],
    ],
    ['that was cut', 'srv/app', zip(manifest(), pom).subarray(0, 90), ['! srv/app']],
    ['that is a script', 'usr/bin/x', script, []],
    ['that is no Java', 'srv/x.apk', zip({ name: 'META-INF/CERT.SF', content: 'x' }), []],
    ['that is another zip', 'srv/a.docx', zip({ name: 'word/a.xml', content: 'x' }, pom), []],
  ] as const)
    it(what, () => assert.deepEqual(told(inspect(path, content)), want));
});

it('tells a package, where it is and where it comes from', () => {
  const found = inspect('opt/lib.jar', library);
  assert.deepEqual(
    found.filter((item) => item.found !== 'linked'),
    [
      {
        found: 'package',
        package: {
          name: 'org.x:lib',
          version: '1.0',
          kind: 'binary',
          database: 'maven:opt/lib.jar',
          path: 'opt/lib.jar',
        },
      },
      { found: 'repository', repository: MAVEN_CENTRAL },
    ],
  );
});

describe('an archive is identified', () => {
  const cases: [string, string, Buffer, string[]][] = [
    [
      'by the properties of all that was put into it',
      'a.jar',
      zip(titled, properties('g', 'a', '1'), properties('h', 'b', '2')),
      ['g:a 1 maven:a.jar', 'h:b 2 maven:a.jar'],
    ],
    [
      'by what of the properties can be read',
      'a.jar',
      zip(titled, { name: 'pom.properties', content: 'groupId=' }, properties('h', 'b', '2')),
      ['! a.jar:pom.properties', 'h:b 2 maven:a.jar'],
    ],
    ['by its manifest', 'a.war', zip(titled), ['app 2 jar:a.war']],
    [
      'by its manifest, whatever the slashes',
      'a.war',
      zip({ ...titled, name: 'META-INF\\MANIFEST.MF' }),
      ['app 2 jar:a.war'],
    ],
    [
      'by its manifest if no properties can be read',
      'a.war',
      zip(titled, { name: 'x/pom.properties', content: 'version' }),
      ['! a.war:x/pom.properties', 'app 2 jar:a.war'],
    ],
    ['by its name if the manifest says nothing', 'd/a-1.2.jar', zip(manifest()), ['a 1.2 file:d/a-1.2.jar']],
    ['by its name if it has no manifest', 'd/a-1.2.jar', zip(noise), ['a 1.2 file:d/a-1.2.jar']],
    [
      'by its name if the manifest is damaged',
      'd/a-1.2.jar',
      zip({ ...titled, crc: 1 }),
      ['! d/a-1.2.jar:META-INF/MANIFEST.MF', 'a 1.2 file:d/a-1.2.jar'],
    ],
    ['by its name alone, without a version', 'd/a.jar', zip(noise), ['a  file:d/a.jar']],
    ['not at all if nothing of it is of Java', 'd/a.jar', zip({ name: 'a.txt', content: 'x' }), []],
    [
      'not at all if it is a zip of something else',
      'd/a-1.0.zip',
      zip({ name: 'x/a.txt', content: 'x' }),
      [],
    ],
    ['by its name before its manifest', 'd/lib-1.2.jar', zip(titled), ['lib 1.2 jar:d/lib-1.2.jar']],
    [
      'by its name and what was packed into it',
      'd/own-3.jar',
      zip(titled, properties('g', 'a', '1'), properties('h', 'b', '2')),
      ['g:a 1 maven:d/own-3.jar', 'h:b 2 maven:d/own-3.jar', 'own 3 jar:d/own-3.jar'],
    ],
    [
      'by its own properties among those that were packed into it',
      'd/own-3.jar',
      zip(titled, properties('g', 'a', '1'), properties('h', 'own', '3')),
      ['g:a 1 maven:d/own-3.jar', 'h:own 3 maven:d/own-3.jar'],
    ],
    [
      'by its properties, whatever its name',
      'd/x-1.jar',
      zip(titled, properties('g', 'a', '1')),
      ['g:a 1 maven:d/x-1.jar'],
    ],
    [
      'by the version of its name where the build did not fill in one',
      'd/a-1.5.jar',
      zip(properties('g', 'a', '\u0024{revision}')),
      ['g:a 1.5 maven:d/a-1.5.jar'],
    ],
    ['whatever the case of its name', 'A.JAR', zip(titled), ['app 2 jar:A.JAR']],
    [
      'once',
      'a.jar',
      zip(properties('g', 'a', '1'), { ...properties('g', 'a', '1'), name: 'x/pom.properties' }),
      ['g:a 1 maven:a.jar'],
    ],
    [
      'behind a script that runs it',
      'a.jar',
      makeZip({ members: [titled], prefix: Buffer.from('#!/bin/sh\nexec java -jar "$0"\n') }),
      ['app 2 jar:a.jar'],
    ],
    ['not if it is a text', 'a.jar', Buffer.from('version https://example.com/spec/v1'), []],
    ['not if it is something else', 'a.exe', makeZip({ members: [titled], prefix: Buffer.from('MZ') }), []],
    ['not if it is cut short', 'a.jar', library.subarray(0, -30), ['! a.jar']],
  ];
  for (const [name, path, content, want] of cases) {
    it(name, () => assert.deepEqual(told(inspect(path, content)), want));
  }
});

describe('links', () => {
  const cases: [string, Partial<Entry>, boolean][] = [
    ['a second name', { type: 'hardlink', link: 'opt/lib.jar' }, true],
    ['a name as an archive', { type: 'symlink', link: 'blobs/1' }, true],
    ['to an archive, which is found itself', { type: 'symlink', link: 'lib-1.0.jar' }, false],
    ['from elsewhere', { path: 'a.exe', type: 'hardlink', link: 'opt/lib.jar' }, false],
    ['that are files', { type: 'file' }, false],
  ];
  for (const [name, entry, want] of cases) {
    it(`${name}: ${want}`, () => {
      assert.equal(
        javaArchives.wants?.({ path: 'a.jar', size: 0, mode: 0o644, type: 'file', ...entry }),
        want,
      );
    });
  }

  it('are read as files are', () => {
    const files = [library, Buffer.from('PK'), Buffer.from('no archive, but it is long'), undefined].map(
      (content, index) =>
        content
          ? layerFile(`${index}.jar`, content)
          : unreadableFile(`${index}.jar`, 100, () => assert.fail('over the limit')),
    );
    const found = [
      ...(javaArchives.read?.({ files, file: () => undefined, has: () => false, names: () => [] }) ?? []),
    ];
    assert.deepEqual(told(found), ['org.x:lib 1.0 maven:0.jar', '! 3.jar']);
  });
});

it('reads any bytes', () => {
  const sound = zip(titled, properties('g', 'a', '1'), { name: 'x.jar', content: library, method: 0 });
  const changes = fc.array(fc.tuple(fc.nat(sound.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 });
  const mutated = fc.tuple(changes, fc.nat(20)).map(([places, cut]) => {
    const copy = Buffer.from(sound);
    for (const [at, byte] of places) copy[at] = byte;
    return copy.subarray(0, cut < 18 ? copy.length : copy.length - cut * 7);
  });
  const random = fc
    .uint8Array({ maxLength: 300 })
    .map((bytes) => Buffer.concat([Buffer.from('PK\x03\x04'), bytes]));
  fc.assert(
    fc.property(fc.oneof(mutated, random), (content) => void inspect('a.jar', content)),
    { numRuns: 3000 },
  );
});
