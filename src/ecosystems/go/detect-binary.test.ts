import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Detection } from '../../contract/detector.ts';
import { damage } from '../../formats/programs/damage.fixture.ts';
import { asFile, elf, fat, machO, pe } from '../../formats/programs/programs.fixture.ts';
import { inlineInfo, type Program, pointerInfo } from './build-info.fixture.ts';
import { gobin } from './detect-binary.ts';

const PROGRAM: Program = {
  version: 'go1.21.0',
  modules: [
    'path\texample.com/lab/cmd',
    'mod\texample.com/lab\t(devel)\t',
    'dep\tgolang.org/x/text\tv0.3.3\th1:abc=',
    'dep\texample.com/old\tv1.0.0',
    '=>\texample.com/new\tv1.2.3-rc.1\th1:def=',
    'dep\texample.com/local\tv0.1.0',
    '=>\t./local\t(devel)\t',
    'build\t-compiler=gc',
    '',
  ].join('\n'),
};

function detect(bytes: Buffer, path = 'usr/bin/app'): Detection[] {
  const file = asFile(bytes, path);
  if (!gobin.inspects!(file) || !gobin.magic!(bytes.subarray(0, 512), file)) return [];
  return [...gobin.inspect!(file, file)];
}

function listed(found: readonly Detection[]): string[] {
  return found.flatMap((each) =>
    each.found === 'package' ? [`${each.package.name} ${each.package.version}`] : [],
  );
}

const EXPECTED = [
  'stdlib 1.21.0',
  'example.com/lab (devel)',
  'golang.org/x/text v0.3.3',
  'example.com/new v1.2.3-rc.1',
  'example.com/local (devel)',
];
const inline = () => inlineInfo(PROGRAM);
const pointers = (size: 4 | 8, bigEndian: boolean) => (address: number) =>
  pointerInfo(PROGRAM, address, size, bigEndian);
const section = '.go.buildinfo';

describe('gobin', () => {
  const programs: [string, Buffer][] = [
    ['ELF 64, section', elf(inline, { section })],
    ['ELF 64, no sections', elf(inline)],
    ['ELF 64, other sections', elf(inline, { section: '.data' })],
    ['ELF 64, shared', elf(inline, { section, type: 3 })],
    ['ELF 32 big endian', elf(inline, { section, wide: false, bigEndian: true })],
    ['ELF 64 pointers', elf(pointers(8, false), { section })],
    ['ELF 64 big endian pointers', elf(pointers(8, true), { section, bigEndian: true })],
    ['ELF 32 pointers, no sections', elf(pointers(4, false), { wide: false })],
    ['ELF, info deep in its data', elf(() => Buffer.concat([Buffer.alloc(1024 * 1024 + 16), inline()]))],
    [
      'ELF, magic where the second chunk begins',
      elf(() => Buffer.concat([Buffer.alloc(1024 * 1024), inline()])),
    ],
    [
      'ELF, other magic before',
      elf(() =>
        Buffer.concat([Buffer.from('12345678\xff Go buildinf:', 'latin1'), Buffer.alloc(10), inline()]),
      ),
    ],
    ['PE32+', pe(inline)],
    ['PE32', pe(inline, { wide: false })],
    ['PE32+ pointers', pe(pointers(8, false))],
    ['Mach-O 64', machO(inline)],
    ['Mach-O 64, no section', machO(inline, { section: '__data' })],
    ['Mach-O 64 pointers', machO(pointers(8, false))],
    ['Mach-O 32 big endian pointers', machO(pointers(4, true), { wide: false, bigEndian: true })],
    ['universal Mach-O', fat([machO(inline), machO(inline, { wide: false })])],
  ];
  for (const [name, bytes] of programs) {
    it(`reads ${name}`, () => assert.deepEqual(listed(detect(bytes)), EXPECTED));
  }

  it('says where each package is, and the repository once', () => {
    const found = detect(elf(inline, { section }));
    assert.deepEqual(found[0], {
      found: 'package',
      package: {
        name: 'stdlib',
        version: '1.21.0',
        kind: 'binary',
        normalizedVersion: 'semver:0.1.21.0.0.0.0.0.0.0',
        database: 'go:usr/bin/app',
        path: 'usr/bin/app',
      },
    });
    assert.deepEqual(found.slice(5), [
      { found: 'repository', repository: { name: 'go', uri: 'https://pkg.go.dev/' } },
    ]);
  });

  it('joins the programs of a universal file', () => {
    const other = inlineInfo({ version: 'go1.21.0', modules: 'mod\texample.com/lab\tv1.0.0\n' });
    assert.deepEqual(listed(detect(fat([machO(inline), machO(() => other)]))), [
      ...EXPECTED,
      'example.com/lab v1.0.0',
    ]);
  });

  const none: [string, Buffer][] = [
    ['an ELF program of another language', elf(() => Buffer.alloc(100), { section: '.data' })],
    ['an object file', elf(inline, { section, type: 1 })],
    ['a DOS program', Buffer.concat([Buffer.from('MZ'), Buffer.alloc(600)])],
    ['a Java class', Buffer.from('cafebabe00000034001d0a00060000000000000000000000000000000000', 'hex')],
    ['a script', Buffer.from('#!/bin/sh\necho a script of eighteen bytes\n')],
    ['a short file', Buffer.from('\x7fELF')],
    ['a magic that is not aligned', elf(() => Buffer.concat([Buffer.alloc(8), inline()]), { section })],
  ];
  for (const [name, bytes] of none) it(`finds nothing in ${name}`, () => assert.deepEqual(detect(bytes), []));

  it('looks at readable regular files only', () => {
    const file = asFile(elf(inline));
    assert.equal(gobin.inspects!(file), true);
    assert.equal(gobin.inspects!({ ...file, mode: 0o200 }), false);
    assert.equal(gobin.inspects!({ ...file, type: 'symlink' }), false);
    assert.equal(gobin.inspects!({ ...file, size: 17 }), false);
  });

  const broken: [string, Buffer][] = [
    ['cut off', elf(() => inline().subarray(0, 60), { section })],
    [
      'of an endless length',
      elf(() => Buffer.concat([inline().subarray(0, 32), Buffer.alloc(40, 0xff)]), { section }),
    ],
    ['of no version', elf(() => inlineInfo({ ...PROGRAM, version: '' }), { section })],
    ['of wild pointers', elf(() => pointerInfo(PROGRAM, 0x7000_0000, 8, false), { section })],
    [
      'of an odd pointer size',
      elf(() => Buffer.concat([inline().subarray(0, 14), Buffer.from([3, 0]), Buffer.alloc(99)]), {
        section,
      }),
    ],
  ];
  for (const [name, bytes] of broken) {
    it(`makes a problem of build info ${name}`, () => {
      assert.deepEqual(
        detect(bytes).map(({ found }) => found),
        ['problem'],
      );
    });
  }

  it('survives any damage to programs', () => {
    const valid = [...programs, ...broken].map(([, bytes]) => bytes).filter(({ length }) => length < 100_000);
    damage(valid, detect);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => void detect(Buffer.from(bytes))));
  });
});

const hasGo = (() => {
  try {
    return execFileSync('go', ['version'], { encoding: 'utf8' }).startsWith('go version');
  } catch {
    return false;
  }
})();

describe('gobin on what the Go toolchain links', { skip: hasGo ? false : 'no Go toolchain here' }, () => {
  it('reads a real program, also damaged', { timeout: 600_000 }, () => {
    const directory = mkdtempSync(join(tmpdir(), 'gobin-'));
    try {
      mkdirSync(join(directory, 'dep'));
      writeFileSync(
        join(directory, 'go.mod'),
        'module example.com/lab\ngo 1.18\nrequire example.com/dep v1.2.3\nreplace example.com/dep => ./dep\n',
      );
      writeFileSync(
        join(directory, 'main.go'),
        'package main\n\nimport "example.com/dep"\n\nfunc main() { dep.Nothing() }\n',
      );
      writeFileSync(join(directory, 'dep/go.mod'), 'module example.com/dep\n');
      writeFileSync(join(directory, 'dep/dep.go'), 'package dep\n\nfunc Nothing() {}\n');
      const env = {
        ...process.env,
        CGO_ENABLED: '0',
        GOFLAGS: '-buildvcs=false',
        GOPROXY: 'off',
        GOTOOLCHAIN: 'local',
      };
      const version = execFileSync('go', ['env', 'GOVERSION'], { encoding: 'utf8', env })
        .trim()
        .replace(/^go/, '');
      // Only the host's own standard library is likely to be built already; others would take minutes.
      const output = join(directory, 'app');
      execFileSync('go', ['build', '-o', output, '.'], { cwd: directory, env, stdio: 'pipe' });
      const bytes = readFileSync(output);
      const expected = [
        `stdlib ${version.split(' ')[0]}`,
        'example.com/lab (devel)',
        'example.com/dep (devel)',
      ];
      assert.deepEqual(listed(detect(bytes)), expected);
      // What headers say is in the first and last bytes of the file.
      fc.assert(
        fc.property(
          fc.array(fc.tuple(fc.nat(0x400), fc.nat(255)), { minLength: 1, maxLength: 6 }),
          (changes) => {
            const copy = Buffer.from(bytes);
            for (const [at, value] of changes) copy[at] = value;
            detect(copy);
          },
        ),
        { numRuns: 100 },
      );
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
