import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Detection, Entry } from '../../contract/detector.ts';
import { layerFile, unreadableFile } from '../../contract/layer-file.fixture.ts';
import { makeZip, type ZipMember } from '../../formats/archives/zip.fixture.ts';
import { createArchiveBudget } from './budget.ts';
import { javaArchives, MAVEN_CENTRAL } from './detect-archives.ts';
import { java } from './index.ts';
import { lookInside } from './look-inside.ts';
import { lookups } from './lookups.ts';

const entryOf = (path: string, content: Buffer): Entry => ({
  ...{ path, type: 'file', size: content.length, mode: 0o644 },
});

function inspect(path: string, content: Buffer): Detection[] {
  const entry = entryOf(path, content);
  if (!javaArchives.inspects?.(entry) || !javaArchives.magic?.(content.subarray(0, 512), entry)) return [];
  const file = {
    ...entry,
    read: (offset: number, length: number) => content.subarray(offset, offset + length),
    indexOf: (needle: Buffer, from?: number) => content.indexOf(needle, from),
  };
  return [...(javaArchives.inspect?.(file, entry) ?? [])];
}

/** `name version database` of packages, `! where` of problems. */
function told(found: readonly Detection[]): string[] {
  return found.flatMap((item) => {
    if (item.found === 'problem') return [`! ${item.where}`];
    return item.found === 'package'
      ? [`${item.package.name} ${item.package.version} ${item.package.database}`]
      : [];
  });
}

const properties = (group: string, artifact: string, version: string): ZipMember => ({
  name: `META-INF/maven/${group}/${artifact}/pom.properties`,
  content: `#x\ngroupId=${group}\nartifactId=${artifact}\nversion=${version}\n`,
});
const manifest = (...lines: string[]): ZipMember => ({
  name: 'META-INF/MANIFEST.MF',
  content: ['Manifest-Version: 1.0', ...lines, ''].join('\r\n'),
});
const zip = (...members: ZipMember[]): Buffer => makeZip({ members });
const noise: ZipMember = { name: 'a/B.class', content: Buffer.alloc(100, 7) };
const library = zip(noise, manifest(), properties('org.x', 'lib', '1.0'));
const titled = manifest('Implementation-Title: app', 'Implementation-Version: 2');

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

describe('archives in archives', () => {
  for (const method of [0, 8]) {
    it(`are found at any depth, by method ${method}`, () => {
      const war = zip({ name: 'WEB-INF/lib/lib.jar', content: library, method }, titled);
      const ear = zip(
        { name: 'app.war', content: war, method },
        { name: 'lib/z-1.jar', content: zip(noise), method },
      );
      assert.deepEqual(told(inspect('srv/a.ear', ear)), [
        'app 2 jar:srv/a.ear:app.war',
        'org.x:lib 1.0 maven:srv/a.ear:app.war:WEB-INF/lib/lib.jar',
        'z 1 file:srv/a.ear',
      ]);
    });
  }

  it('that cannot be read lose nothing but themselves', () => {
    const bad: ZipMember[] = [
      { name: 'cut.jar', content: library.subarray(0, -30) },
      { name: 'crc.jar', content: library, crc: 1 },
      { name: 'encrypted.jar', content: library, method: 0, flags: 1 },
      { name: 'method.jar', content: library, method: 12 },
      { name: 'size.jar', content: library, size: library.length + 1, method: 0 },
      { name: 'text.jar', content: 'this one is no archive at all' },
    ];
    const good = { name: 'good.jar', content: library };
    assert.deepEqual(told(inspect('a.war', zip(titled, ...bad, good))), [
      'app 2 jar:a.war',
      ...bad.map(({ name }) => `! a.war:${name}`),
      'org.x:lib 1.0 maven:a.war:good.jar',
    ]);
  });

  it('are followed so deep', () => {
    let content = library;
    for (let depth = 0; depth < 20; depth++) content = zip({ name: `${depth}.jar`, content, method: 0 });
    const [problem, ...rest] = inspect('a.jar', content);
    assert.ok(problem?.found === 'problem' && /deeper than 16/.test(problem.reason));
    assert.deepEqual(rest, []);
  });

  it('have names that a report can show', () => {
    const content = zip({ name: `a\0\n${'b'.repeat(5000)}.jar`, content: titled.content });
    for (const item of inspect('a.jar', content)) {
      assert.ok(item.found === 'problem' && item.where.length < 2000 && !/[\0\n]/.test(item.where));
    }
  });
});

describe('limits', () => {
  it('hold for all archives of a layer together', () => {
    // 30 archives of 300 nested ones that are the same bytes, each with 300 of the same again.
    const repeated = (content: Buffer): Buffer =>
      zip(...Array.from({ length: 300 }, (_, i) => ({ name: `${i}.jar`, content })));
    const bomb = repeated(repeated(zip(noise)));
    const looking = javaArchives.perLayer!();
    const reasons: string[] = [];
    for (let i = 0; i < 30 && reasons.length < 3; i++) {
      const entry = entryOf(`${i}.jar`, bomb);
      const file = {
        ...entry,
        read: (at: number, n: number) => bomb.subarray(at, at + n),
        indexOf: () => -1,
      };
      for (const found of looking.inspect!(file, entry))
        if (found.found === 'problem') reasons.push(`${found.where}: ${found.reason}`);
    }
    assert.match(reasons[0] ?? '', /^1\.jar: exceeds the limit of 100000 parts in the archives of a layer/);
    assert.match(reasons[1] ?? '', /^2\.jar: exceeds the limit/);
    // Another layer has its own.
    const [first] = javaArchives.perLayer!().inspect!(
      { ...entryOf('lib.jar', library), read: (at, n) => library.subarray(at, at + n), indexOf: () => -1 },
      entryOf('lib.jar', library),
    );
    assert.equal(first?.found, 'package');
  });

  it('of bytes that are hashed', () => {
    const unnamed = zip(noise, { name: 'a/b/C.class', content: Buffer.alloc(2000, 1) });
    const many = zip(
      ...['lib-a.jar', 'lib-b.jar'].map((name) => ({ name, content: unnamed, method: 0 as const })),
    );
    const found: Detection[] = [];
    const archive = {
      ...{ places: ['a.zip'], size: many.length },
      read: (at: number, n: number) => many.subarray(at, at + n),
    };
    assert.throws(() => {
      for (const each of lookInside(archive, createArchiveBudget({ hashed: unnamed.length + 10 })))
        found.push(each);
    }, /exceeds the limit of \d+ hashed/);
  });

  const look = (content: Buffer, limits: Parameters<typeof createArchiveBudget>[0]): Detection[] => {
    const read = (offset: number, length: number): Buffer => content.subarray(offset, offset + length);
    return [...lookInside({ places: ['a.war'], size: content.length, read }, createArchiveBudget(limits))];
  };
  const war = zip(
    titled,
    { name: 'big.jar', content: library },
    { name: 'stored.jar', content: library, method: 0 },
  );

  it('of what is held at once leave the rest', () => {
    assert.deepEqual(told(look(war, { held: 100 })), [
      'app 2 jar:a.war',
      '! a.war:big.jar',
      'org.x:lib 1.0 maven:a.war:stored.jar',
    ]);
  });

  it('of memory are for what is open, not for all', () => {
    const two = zip({ name: 'a.jar', content: library }, { name: 'b.jar', content: library });
    assert.equal(
      told(look(two, { held: library.length })).filter((text) => text.startsWith('org.x')).length,
      2,
    );
  });

  it('keep what was found before', () => {
    const many = zip(
      properties('g', 'first', '1'),
      { name: 'lib/inner.jar', content: library },
      ...Array.from({ length: 20 }, (_, i) => ({ name: `junk/${i}.txt`, content: Buffer.from('x') })),
    );
    const found: Detection[] = [];
    const archive = {
      places: ['many.jar'],
      size: many.length,
      read: (at: number, n: number) => many.subarray(at, at + n),
    };
    assert.throws(() => {
      for (const each of lookInside(archive, createArchiveBudget({ members: 5 }))) found.push(each);
    }, /exceeds the limit of 5 members/);
    assert.ok(told(found).some((text) => text.startsWith('g:first 1')));
  });

  it('are beyond what is real: the last of 20,001 archives is found, and one that is nested 12 deep', () => {
    const junk = zip({ name: 'x', content: Buffer.from('x') });
    const many = zip(
      ...Array.from({ length: 20_001 }, (_, i) => ({
        name: `junk/${i}.jar`,
        content: junk,
        method: 0 as const,
      })),
      { name: 'real.jar', content: library },
    );
    assert.ok(told(inspect('many.jar', many)).some((text) => text.startsWith('org.x')));
    let deep = library;
    for (let depth = 0; depth < 12; depth++) deep = zip({ name: 'x.jar', content: deep });
    assert.ok(told(inspect('deep.jar', deep)).some((text) => text.startsWith('org.x')));
  });

  for (const limits of [{ members: 4 }, { parts: 3 }, { noted: 3 }, { inflated: 500 }]) {
    it(`of ${JSON.stringify(limits)} end it`, () =>
      assert.throws(() => look(war, limits), /exceeds the limit/));
  }
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

describe('lookups of Java', () => {
  const found = { name: 'g:a', version: '1.0', kind: 'binary' } as const;

  it('are of the repository maven', () => {
    assert.deepEqual(lookups({ package: found, repository: MAVEN_CENTRAL }), [
      { scope: 'maven', name: 'g:a', kind: 'binary', version: '1.0' },
    ]);
  });

  it('are none elsewhere', () => {
    assert.deepEqual(lookups({ package: found }), []);
    assert.deepEqual(lookups({ package: found, repository: { name: 'npm' } }), []);
  });

  it('are in the scope of the feed', async () => {
    const feeds = await java.feeds[0]!.feeds({}, undefined as never);
    assert.deepEqual(
      feeds.map(({ name, scopes }) => [name, scopes.map(({ key }) => key)]),
      [['osv/maven', ['maven']]],
    );
  });
});
