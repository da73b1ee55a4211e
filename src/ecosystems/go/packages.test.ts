import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseModules } from './module-info.ts';
import { packagesOf } from './packages.ts';

function listed(modules: string, goVersion = 'go1.21.0'): string[] {
  return packagesOf('app', [{ goVersion, modules }]).packages.map(
    ({ name, version }) => `${name} ${version}`,
  );
}

const sha1 = '0123456789abcdef0123456789abcdef01234567';

describe('packages of a Go program', () => {
  const versions: [string, string][] = [
    ['go1.21.0', '1.21.0'],
    ['go1.21rc2', '1.21rc2'],
    ['go1.22.1 X:boringcrypto', '1.22.1'],
    ['devel go1.23-0123abc Tue Mar 5 00:00:00 2024 +0000', 'devel'],
  ];
  for (const [goVersion, version] of versions) {
    it(`names the standard library of ${goVersion}`, () => {
      assert.equal(listed('', goVersion)[0], `stdlib ${version}`);
    });
  }

  const mains: [string, string[], string][] = [
    ['nothing', [], 'command-line-arguments (devel)'],
    ['a version', ['mod\te.com/m\tv1.2.3\th1:='], 'e.com/m v1.2.3'],
    ['no version', ['mod\te.com/m\t\t'], 'e.com/m (devel)'],
    ['no path', ['path\tcommand-line-arguments'], 'command-line-arguments (devel)'],
    [
      'a dirty working copy',
      [
        'mod\te.com/m\t(devel)\t',
        'build\tvcs=git',
        `build\tvcs.revision=${sha1}`,
        'build\tvcs.time=2024-01-02T03:04:05Z',
        'build\tvcs.modified=true',
      ],
      `e.com/m (devel) (git, commit ${sha1}, built at 2024-01-02T03:04:05Z, dirty)`,
    ],
    [
      'another version control',
      ['mod\te.com/m\t(devel)', 'build\tvcs=svn', 'build\tvcs.revision=42', 'build\tvcs.modified=false'],
      'e.com/m (devel) (svn, rev 42)',
    ],
    [
      'a version that the linker was told',
      ['mod\te.com/m\t(devel)', 'build\t-ldflags="-s -X main.version=1.2.3"'],
      'e.com/m v1.2.3',
    ],
    [
      'one that it was told beside another',
      ['mod\te.com/m\tv1.0.0', 'build\t-ldflags="-X main.version=1.2.3"'],
      'e.com/m v1.0.0',
    ],
    ['only a package', ['path\te.com/m', 'build\t-ldflags="-X main.version=1.2.3"'], 'e.com/m v1.2.3'],
    ['only a package in cmd', ['path\te.com/m/cmd/run'], 'e.com/m (devel)'],
    [
      'files of a working copy',
      ['path\tcommand-line-arguments', 'dep\te.com/m\t(devel)', 'dep\te.com/d\tv1.0.0'],
      'e.com/m (devel)',
    ],
    [
      'files of several',
      ['path\tcommand-line-arguments', 'dep\ta\t(devel)', 'dep\tb\t(devel)'],
      'command-line-arguments (devel)',
    ],
    ['a version with a commit', ['mod\te.com/m\tv1.0.0', 'build\tvcs=git'], 'e.com/m v1.0.0'],
  ];
  for (const [name, lines, want] of mains) {
    it(`names a main module with ${name}`, () => assert.equal(listed(`${lines.join('\n')}\n`)[1], want));
  }

  for (const [what, by, want] of [
    ['another module', 'e.com/fork\tv1.1.0\th1:=', 'e.com/fork v1.1.0'],
    ['a folder', './fork\t(devel)\t', 'e.com/d (devel)'],
    ['a folder above', '../fork\t\t', 'e.com/d (devel)'],
    ['a folder by its whole path', '/src/fork', 'e.com/d (devel)'],
    ['a folder of Windows', 'C:\\src\\fork', 'e.com/d (devel)'],
  ] as const) {
    it(`names a module that is replaced by ${what}`, () => {
      const lines = `mod\te.com/m\tv1.0.0\ndep\te.com/d\tv1.0.0\n=>\t${by}\ndep\te.com/e\tv1.0.0\n`;
      assert.deepEqual(listed(lines).slice(2), [want, 'e.com/e v1.0.0']);
    });
  }

  it('keeps each module once', () => {
    const twice = { goVersion: 'go1.21.0', modules: 'dep\te.com/d\tv1.0.0\ndep\te.com/d\tv1.0.0\n' };
    assert.equal(packagesOf('app', [twice, twice]).packages.length, 3);
  });

  const normalized: [string, string | undefined][] = [
    ['v1.2.3', 'semver:0.1.2.3.0.0.0.0.0.0'],
    ['v1.2.3-rc.1+meta', 'semver:0.1.2.3.0.0.0.0.0.0'],
    ['v3.2.0+incompatible', 'semver:0.3.2.0.0.0.0.0.0.0'],
    ['v1.2', 'semver:0.1.2.0.0.0.0.0.0.0'],
    ['v12345678901.2.3', 'semver:0.123456789.2.3.0.0.0.0.0.0'],
    ['v1.22rc1', undefined],
    ['v1.2.3.4', undefined],
    ['(devel)', undefined],
  ];
  for (const [version, want] of normalized) {
    it(`normalises ${version}`, () => {
      const [, , found] = packagesOf('app', [
        { goVersion: 'go1', modules: `dep\te.com/d\t${version}\n` },
      ]).packages;
      assert.equal(found?.normalizedVersion, want);
    });
  }

  it('makes a problem of a bad line and keeps the others', () => {
    const { packages, problems } = packagesOf('app', [
      {
        goVersion: 'go1.21.0',
        modules:
          '=>\te.com/x\tv1\nmod\te.com/m\tv1.0.0\ndep\t\tv1\n=>\te.com/y\tv1\nnew\tthing\ndep\te.com/d\tv1.0.0\n',
      },
    ]);
    assert.deepEqual(
      packages.map(({ name }) => name),
      ['stdlib', 'e.com/m', 'e.com/d'],
    );
    assert.equal(problems.length, 3);
  });

  it('reads quoted settings', () => {
    const { settings } = parseModules({
      modules: 'build\t"a=b"="c \\"d\\""\nbuild\tCGO_CFLAGS=\nbuild\tno setting\n',
    });
    assert.deepEqual(Object.fromEntries(settings), { 'a=b': 'c "d"', CGO_CFLAGS: '' });
  });

  it('survives any text', () => {
    const line = fc.tuple(fc.constantFrom('mod', 'dep', '=>', 'build', 'path', ''), fc.string(), fc.string());
    fc.assert(
      fc.property(fc.array(line.map((parts) => parts.join('\t'))), (lines) => {
        const { packages } = packagesOf('app', [{ goVersion: 'go1.21.0', modules: lines.join('\n') }]);
        assert.ok(packages.length >= 2 && packages.every(({ name }) => name !== ''));
      }),
    );
  });
});
