import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import type { Detection } from '../../contract/detector.ts';
import { damage } from '../../formats/programs/damage.fixture.ts';
import { asFile, elf, fat, machO, pe } from '../../formats/programs/programs.fixture.ts';
import { auditable, CRATES } from './detect-auditable.ts';
import { lookups } from './lookups.ts';
import { cargoVersions } from './version.ts';

const SECTION = '.dep-v0';
const LIST = {
  packages: [
    { name: 'itoa', version: '1.0.18', source: 'crates.io' },
    { name: 'lab-app', version: '0.1.0', source: 'local', dependencies: [0, 2, 3], root: true },
    { name: 'forked', version: '2.0.0-rc.1', source: 'git' },
    { name: 'serde_derive', version: '1.0.0', source: 'crates.io', kind: 'build' },
    { name: 'private', version: '3.0.0', source: 'registry', kind: 'runtime' },
  ],
  format: 1,
};

function packed(json: unknown): () => Buffer {
  return () => deflateSync(typeof json === 'string' ? json : JSON.stringify(json));
}

function detect(bytes: Buffer, path = 'usr/bin/app'): Detection[] {
  const file = asFile(bytes, path);
  if (!auditable.inspects!(file) || !auditable.magic!(bytes.subarray(0, 512), file)) return [];
  return [...auditable.inspect!(file, file)];
}

function lines(found: readonly Detection[]): string[] {
  return found.map((item) => {
    if (item.found === 'problem') return `! ${item.reason}`;
    if (item.found !== 'package') return item.found;
    const { name, version, module } = item.package;
    return [name, version, module].filter((part) => part !== undefined).join(' ');
  });
}

const EXPECTED = [
  'itoa 1.0.18',
  'lab-app 0.1.0',
  'forked 2.0.0-rc.1 git',
  'private 3.0.0 registry',
  'repository',
  'linked',
];

describe('cargo-auditable', () => {
  const programs: [string, Buffer][] = [
    ['ELF 64', elf(packed(LIST), { section: SECTION })],
    ['ELF 64, not mapped', elf(packed(LIST), { section: SECTION, flags: 0 })],
    ['ELF 64, shared', elf(packed(LIST), { section: SECTION, type: 3 })],
    ['ELF 32, big endian', elf(packed(LIST), { section: SECTION, wide: false, bigEndian: true })],
    ['PE32+', pe(packed(LIST), { section: SECTION })],
    ['PE32', pe(packed(LIST), { section: SECTION, wide: false })],
    ['Mach-O 64', machO(packed(LIST), { section: SECTION })],
  ];
  for (const [name, bytes] of programs) {
    it(`reads ${name}`, () => assert.deepEqual(lines(detect(bytes)), EXPECTED));
  }

  it('reads a section that is padded, as those of Windows are', () => {
    const padded = () => Buffer.concat([packed(LIST)(), Buffer.alloc(300)]);
    assert.deepEqual(lines(detect(pe(padded, { section: SECTION }))), EXPECTED);
  });

  it('joins the lists of a universal program', () => {
    const one = { packages: [{ name: 'a', version: '1.0.0', source: 'crates.io' }] };
    const slices = [machO(packed(LIST), { section: SECTION }), machO(packed(one), { section: SECTION })];
    assert.deepEqual(lines(detect(fat(slices))), [
      ...EXPECTED.slice(0, -2),
      'a 1.0.0',
      'repository',
      'linked',
    ]);
  });

  it('says where each crate is', () => {
    assert.deepEqual(detect(elf(packed(LIST), { section: SECTION }))[0], {
      found: 'package',
      package: {
        name: 'itoa',
        version: '1.0.18',
        kind: 'binary',
        database: 'cargo:usr/bin/app',
        path: 'usr/bin/app',
      },
    });
  });

  const none: [string, Buffer][] = [
    ['a program without that section', elf(packed(LIST), { section: '.data' })],
    ['a program without sections', elf(packed(LIST))],
    ['an object file', elf(packed(LIST), { section: SECTION, type: 1 })],
    ['text', Buffer.alloc(100, '.dep-v0')],
  ];
  for (const [name, bytes] of none) it(`finds nothing in ${name}`, () => assert.deepEqual(detect(bytes), []));

  const broken: [string, () => Buffer, RegExp][] = [
    ['what is not compressed', () => Buffer.from(JSON.stringify(LIST)), /cannot be read: incorrect header/],
    ['what is cut off', () => packed(LIST)().subarray(0, -20), /cannot be read: unexpected end/],
    ['what is no JSON', packed('{"packages":['), /cannot be read/],
    ['what is no list', packed({ packages: {} }), /no list of packages/],
    ['null', packed('null'), /no list of packages/],
    ['what grows without end', packed(' '.repeat(9 * 1024 * 1024)), /cannot be read/],
  ];
  for (const [name, bytes, reason] of broken) {
    it(`makes a problem of ${name}`, () => {
      const found = lines(detect(elf(bytes, { section: SECTION })));
      assert.equal(found.length, 1);
      assert.match(found[0]!, reason);
    });
  }

  it('keeps the crates beside unreadable ones', () => {
    const packages = [
      null,
      7,
      { name: 'a' },
      { name: '', version: '1.0.0' },
      { name: 'a\0', version: '1.0.0' },
      { name: 'x'.repeat(600), version: '1.0.0' },
      { name: 'b', version: '1.0.0', source: 7 },
      { name: 'c', version: '1.0.0', source: 'crates.io' },
    ];
    assert.deepEqual(lines(detect(elf(packed({ packages }), { section: SECTION }))), [
      '! 6 of the crates in .dep-v0 have no readable name and version',
      'b 1.0.0 unknown',
      'c 1.0.0',
      'repository',
      'linked',
    ]);
  });

  it('survives any damage', () => {
    const valid = programs.map(([, bytes]) => bytes);
    damage(valid, detect);
    fc.assert(
      fc.property(
        fc.jsonValue(),
        (json) => void detect(elf(packed({ packages: json }), { section: SECTION })),
      ),
    );
  });
});

describe('lookups of crates.io', () => {
  const found = { name: 'itoa', version: '1.0.18', kind: 'binary' } as const;
  it('are of the repository crates.io', () => {
    assert.deepEqual(lookups({ package: found, repository: CRATES }), [
      { scope: 'crates.io', name: 'itoa', kind: 'binary', version: '1.0.18' },
    ]);
  });
  it('are of no readable version if the crate is from elsewhere', () => {
    const [lookup, ...others] = lookups({ package: { ...found, module: 'git' }, repository: CRATES });
    assert.deepEqual(others, []);
    assert.equal(lookup?.name, 'itoa');
    assert.equal(cargoVersions.parse(lookup.version), undefined);
  });
  it('are none elsewhere', () => {
    assert.deepEqual(lookups({ package: found }), []);
    assert.deepEqual(lookups({ package: found, repository: { name: 'npm' } }), []);
  });
});

it('versions are semver, bounds also short', () => {
  const readable: [string, boolean][] = [
    ['1.2.3', true],
    ['0.0.0-0', true],
    ['1.2.3+build', true],
    ['1.2', true],
    ['v1.2.3', false],
    ['*', false],
  ];
  for (const [text, want] of readable) assert.equal(cargoVersions.parse(text) !== undefined, want, text);
});
