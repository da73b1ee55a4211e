import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Detection } from '../../contract/detector.ts';
import { makeZip, type ZipMember } from '../../formats/archives/zip.fixture.ts';
import { hashOfClass } from '../../formats/programs/function-hash.ts';
import { asFile } from '../../formats/programs/programs.fixture.ts';
import { decodeFilter } from '../../lib/name-filter.ts';
import type { LinkedCode } from '../../model/linked-code.ts';
import { createArchiveBudget } from './budget.ts';
import { ClassNames, UNKNOWN_CLASSES } from './class-names.ts';
import { javaArchives } from './detect-archives.ts';
import { lookInside } from './look-inside.ts';
import { vulnerableClasses } from './vulnerable-classes.ts';

const codeOf = (...members: string[]): LinkedCode | undefined => {
  const names = new ClassNames();
  for (const member of members) names.add(member);
  return names.linkedCode();
};
const has = ({ functions }: LinkedCode, name: string) => decodeFilter(functions!)!.has(hashOfClass(name));

describe('classes of an archive', () => {
  it('are its packages, and names without packages and without what is within', () => {
    const code = codeOf(
      'org/x/Alpha.class',
      'org/x/Alpha$1.class',
      'org/x/sub/Beta$Inner.class',
      'META-INF/versions/11/org/x/Gamma.class',
      'BOOT-INF/classes/com/lab/Main.class',
      'inst/org/y/Agent.classdata',
      'org/x/notes.txt',
      'Delta.class',
      'org/x/',
    )!;
    assert.deepEqual(code.packages, { '': ['', 'com.lab', 'inst.org.y', 'org.x', 'org.x.sub'] });
    for (const name of [
      'Alpha',
      'org.x.Alpha',
      'elsewhere.Alpha$2',
      'Beta',
      'Gamma',
      'Main',
      'Agent',
      'Delta',
    ])
      assert.ok(has(code, name), name);
    for (const name of ['Inner', 'notes', 'x', '1']) assert.ok(!has(code, name), name);
  });

  it('of a package that an obfuscator renamed are not told, but are there', () => {
    const code = codeOf('org/x/a.class', 'org/x/Kept.class', 'org/y/Whole.class')!;
    assert.deepEqual(code.packages, { '': ['org.y'] });
    assert.ok(has(code, 'Kept') && has(code, 'Whole'));
  });

  it('are unknown where there are too many, or a name that none has', () => {
    assert.equal(codeOf('META-INF/MANIFEST.MF', 'a.txt'), undefined);
    assert.equal(codeOf('Alpha.class', `${'x'.repeat(2000)}.class`, 'Beta.class'), UNKNOWN_CLASSES);
    const names = new ClassNames();
    for (let n = 0; n < 200_001; n++) names.add(`p/C${n}.class`);
    assert.equal(names.linkedCode(), UNKNOWN_CLASSES);
  });

  it('are each found, whatever they are called', () => {
    const name = fc.string({ minLength: 1, maxLength: 20 }).filter((each) => !/[/.$]/.test(each));
    fc.assert(
      fc.property(fc.array(fc.tuple(name, name), { minLength: 1, maxLength: 100 }), (classes) => {
        const code = codeOf(...classes.map(([folder, each]) => `${folder}/${each}.class`))!;
        for (const [, each] of classes) assert.ok(has(code, each), each);
      }),
    );
  });
});

describe('classes of archives in archives', () => {
  const properties = (artifact: string): ZipMember => ({
    name: `META-INF/maven/g/${artifact}/pom.properties`,
    content: `groupId=g\nartifactId=${artifact}\nversion=1.0\n`,
  });
  const classes = (...names: string[]): ZipMember[] =>
    names.map((name) => ({ name: `${name}.class`, content: 'x' }));
  const inner = makeZip({ members: [properties('inner'), ...classes('org/x/Alpha')] });
  const outer = makeZip({
    members: [
      ...[properties('outer'), properties('shaded'), ...classes('com/lab/Main')],
      { name: 'lib/inner.jar', content: inner },
    ],
  });
  const linkedIn = (found: Iterable<Detection>) => [...found].filter((item) => item.found === 'linked');

  it('are told of each, once for all packages that it is', () => {
    const file = asFile(outer, 'outer.jar');
    assert.deepEqual(
      linkedIn(javaArchives.inspect!(file, file)).map(({ database, path, code }) => [
        database,
        path,
        code.packages[''],
      ]),
      [
        ['maven:outer.jar', 'outer.jar', ['com.lab']],
        ['maven:outer.jar:lib/inner.jar', 'outer.jar', ['org.x']],
      ],
    );
  });

  it('are unknown beyond the budget, and of an archive whose directory is damaged', () => {
    const archive = (bytes: Buffer) => ({
      places: ['outer.jar'],
      size: bytes.length,
      read: (offset: number, length: number) => bytes.subarray(offset, offset + length),
    });
    const poor = lookInside(archive(outer), createArchiveBudget({ linked: 10 }));
    assert.deepEqual(
      linkedIn(poor).map(({ code }) => code),
      [UNKNOWN_CLASSES, UNKNOWN_CLASSES],
    );
    const damaged = Buffer.from(inner);
    damaged.writeUInt32LE(0, damaged.lastIndexOf('PK\x01\x02'));
    assert.deepEqual(
      linkedIn(lookInside(archive(damaged), createArchiveBudget())).map(({ code }) => code),
      [UNKNOWN_CLASSES],
    );
  });
});

describe('vulnerable classes', () => {
  it('are those of the one vulnerability that an advisory is about', () => {
    const [jndi] = vulnerableClasses(['GHSA-jfh8-c2jp-5v3q', 'CVE-2021-44228'])!;
    assert.deepEqual(jndi, { path: 'org.apache.logging.log4j.core.lookup', symbols: ['JndiLookup'] });
    assert.deepEqual(vulnerableClasses(['CVE-2021-44228', 'CVE-2021-44228']), [jndi]);
    assert.equal(vulnerableClasses(['CVE-2021-44228', 'CVE-2021-45046']), undefined);
    assert.equal(vulnerableClasses(['GHSA-jfh8-c2jp-5v3q']), undefined);
    assert.equal(vulnerableClasses(['CVE-2021-45105']), undefined);
  });
});
