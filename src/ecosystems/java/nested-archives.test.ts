/** Archives in archives, and the limits of looking into them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Detection } from '../../contract/detector.ts';
import type { ZipMember } from '../../formats/archives/zip.fixture.ts';
import { createArchiveBudget } from './budget.ts';
import {
  entryOf,
  inspect,
  library,
  noise,
  properties,
  titled,
  told,
  zip,
} from './detect-archives.fixture.ts';
import { javaArchives } from './detect-archives.ts';
import { lookInside } from './look-inside.ts';

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
