import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { hashOfFunction } from '../../formats/programs/function-hash.ts';
import { asFile, elf, fat, machO, pe } from '../../formats/programs/programs.fixture.ts';
import { decodeFilter } from '../../lib/name-filter.ts';
import type { Digest } from '../../model/digest.ts';
import type { LinkedCode } from '../../model/linked-code.ts';
import { linkedToWire } from '../../model/linked-code-wire.ts';
import { inlineInfo, type Program } from './build-info.fixture.ts';
import { goProgramsIn } from './build-info.ts';
import { gobin } from './detect-binary.ts';
import { FunctionNames } from './function-names.ts';
import { functionTable, goData, goProgram, RUNTIME, type TableOptions } from './function-table.fixture.ts';
import { linkedCode } from './linked-code.ts';

const program = (version = 'go1.21.0', ...settings: string[]): Program => ({
  version,
  modules: [
    'path\texample.com/lab/cmd/run',
    'mod\texample.com/lab\tv1.0.0\t',
    'dep\tgopkg.in/yaml.v2\tv2.2.1\th1:a=',
    'dep\texample.com/old\tv1.0.0',
    '=>\texample.com/fork\tv1.2.3\th1:b=',
    'dep\tgo.example.org/log\tv1.0.0\th1:c=',
    ...['GOOS=linux', 'GOARCH=arm64', ...settings].map((setting) => `build\t${setting}`),
    '',
  ].join('\n'),
});

const FUNCTIONS = [
  ...RUNTIME,
  'net/http.(*Server).Serve',
  'net/http.Get',
  'vendor/golang.org/x/net/idna.ToASCII',
  'gopkg.in/yaml%2ev2.(*Decoder).Decode',
  'gopkg.in/yaml%2ev2.Unmarshal.func1',
  'example.com/old/sub.Do[...]',
  'example.com/old/sub.(*Map[go.shape.string,example.com/a.b]).Get',
  'example.com/old.init.0',
  'go.example.org/log.(*Logger).Info',
  'type:.eq.example.com/old.T',
  'type..hash.example.com/old.T',
  'go.(*struct { sync.Mutex; math/big.table [64]math/big.cacheBase10 }).Lock',
  'go:buildid',
  'go.buildid',
  '_cgo_topofstack',
];
const INLINED = ['example.com/old/tiny.Value', 'net/http.Header.Get'];
/** Go 1.15 and before know what is inlined only in packages that have another function. */
const INLINED_ONLY = ['example.com/old/tiny.Value'];

const PACKAGES = {
  'example.com/fork': ['', 'sub'],
  'example.com/lab': ['cmd/run'],
  'go.example.org/log': [''],
  'gopkg.in/yaml.v2': [''],
  stdlib: ['net/http', 'runtime', 'vendor/golang.org/x/net/idna'],
};
const THERE: [string, string][] = [
  ['runtime', 'main'],
  ['example.com/lab/cmd/run', 'main'],
  ['net/http', 'Server.Serve'],
  ['net/http', 'Get'],
  ['net/http', 'Header.Get'],
  ['go.example.org/log', 'Logger.Info'],
  ['gopkg.in/yaml.v2', 'Decoder.Decode'],
  ['gopkg.in/yaml.v2', 'Unmarshal'],
  ['example.com/fork/sub', 'Do'],
  ['example.com/fork/sub', 'Map.Get'],
  ['example.com/fork', 'init'],
];
const ABSENT: [string, string][] = [
  ['net/http', 'Post'],
  ['net/http', 'Server'],
  ['example.com/old/sub', 'Do'],
  ['main', 'main'],
  ['example.com/lab', 'main'],
];

function codeOf(bytes: Buffer): LinkedCode | undefined {
  const file = asFile(bytes);
  return linkedCode(file, goProgramsIn(file));
}

function check(code: LinkedCode | undefined, options: TableOptions): void {
  assert.ok(code);
  const isOld = (options.release ?? 21) < 16;
  const fork = isOld ? [...PACKAGES['example.com/fork']] : [...PACKAGES['example.com/fork'], 'tiny'];
  assert.deepEqual(code.packages, { ...PACKAGES, 'example.com/fork': fork });
  assert.deepEqual(code.platforms, ['linux/arm64']);
  const filter = decodeFilter(code.functions!)!;
  const isThere = ([path, symbol]: [string, string]) => filter.has(hashOfFunction(path, symbol));
  const inlined = isOld && options.bigEndian ? THERE.filter(([, symbol]) => symbol !== 'Header.Get') : THERE;
  assert.deepEqual(
    inlined.filter((each) => !isThere(each)),
    [],
  );
  assert.deepEqual(ABSENT.filter(isThere), []);
}

describe('code that a Go program was linked with', () => {
  const releases = [2, 9, 15, 16, 17, 18, 19, 20, 21, 26];
  for (const release of releases)
    for (const pointer of [4, 8] as const)
      for (const bigEndian of [false, true]) {
        const options = { release, pointer, bigEndian, inlined: INLINED };
        const what = `Go 1.${release}, ${8 * pointer} bits, ${bigEndian ? 'big' : 'little'} endian`;
        const table = functionTable(FUNCTIONS, options);
        const own = program(`go1.${release}.1`);
        it(`is read of ${what}, by section and by search`, () => {
          const isOld = release < 9 || (release < 16 && bigEndian);
          for (const section of ['.gopclntab', undefined]) {
            const code = codeOf(elf(() => goData(own, table), section === undefined ? {} : { section }));
            check(code, options);
            assert.equal(code!.incomplete, isOld ? true : undefined);
          }
        });
      }

  const data = () => goData(program(), functionTable(FUNCTIONS, { inlined: INLINED }));
  it('is the same in all formats, and if the version of Go is not told', () => {
    const first = codeOf(elf(data))!;
    check(first, {});
    for (const bytes of [
      pe(data),
      pe(data, { wide: false }),
      machO(data),
      machO(data, { section: '__gopclntab' }),
    ])
      assert.deepEqual(codeOf(bytes), first);
    const devel = codeOf(
      elf(() => goData(program('devel go1.23-0123abc'), functionTable(FUNCTIONS, { inlined: INLINED }))),
    );
    assert.deepEqual(devel, first);
  });

  it('of a universal program is that of all its parts', () => {
    const one = machO(() => goData(program(), functionTable([...RUNTIME, 'example.com/old.A'])));
    const two = machO(() => goData(program(), functionTable([...RUNTIME, 'example.com/old.B'])));
    const filter = decodeFilter(codeOf(fat([one, two]))!.functions!)!;
    for (const symbol of ['A', 'B']) assert.ok(filter.has(hashOfFunction('example.com/fork', symbol)));
    const broken = machO(() => inlineInfo(program()));
    assert.equal(codeOf(fat([one, broken])), undefined);
  });

  it('tells of a main package whose path is not known', () => {
    const modules = 'path\tcommand-line-arguments\ndep\texample.com/lab\t(devel)\t\n';
    const code = codeOf(goProgram({ version: 'go1.21.0', modules }, ['example.com/lab/x.A']))!;
    assert.equal(code.unnamedMain, 'example.com/lab');
    assert.deepEqual(code.packages, { '': ['main'], 'example.com/lab': ['x'], stdlib: ['runtime'] });
    assert.deepEqual(code.platforms, []);
  });

  const table = functionTable(FUNCTIONS);
  const changed = (change: (bytes: Buffer) => unknown) => {
    const copy = Buffer.from(table);
    change(copy);
    return elf(() => goData(program(), copy));
  };
  const unknown: [string, Buffer][] = [
    ['a program without a table', elf(() => inlineInfo(program()))],
    ['a plugin', elf(() => goData(program('go1.21.0', '-buildmode=plugin'), table))],
    [
      'a program that needs a library of Go',
      elf(() => goData(program('go1.21.0', '-linkshared=true'), table)),
    ],
    ['names that are not those of the source', goProgram(program(), ['qZx3.Aa', 'net/http.Get'])],
    [
      'a table without the runtime',
      elf(() => goData(program(), functionTable(['main.main', 'example.com/old.A']))),
    ],
    [
      'names that end in the middle',
      changed((bytes) => bytes.fill(0x61, 8 + 64, bytes.readUInt32LE(8 + 32))),
    ],
    [
      'names that lie elsewhere',
      changed((bytes) => bytes.writeUInt32LE(bytes.readUInt32LE(8 + 24) + 3, 8 + 24)),
    ],
    ['a list of functions beyond the end', changed((bytes) => bytes.writeUInt32LE(0x7fff_ffff, 8))],
    [
      'a program for Windows that carries another one',
      pe(() =>
        Buffer.concat([
          goData(program(), table),
          functionTable([...RUNTIME, 'example.com/old.Other'], { inlined: INLINED }),
        ]),
      ),
    ],
    ['a layout of some later release', changed((bytes) => bytes.writeUInt32LE(0xffff_ffe0))],
  ];
  for (const [what, bytes] of unknown)
    it(`is unknown of ${what}`, () => assert.equal(codeOf(bytes), undefined));

  it('is told with the packages, and only as far as a layer may say', () => {
    const bytes = goProgram(program(), ['example.com/old.A']);
    const file = asFile(bytes, 'usr/bin/app');
    const { inspect } = gobin.perLayer!();
    const found = [...inspect!(file, file)].filter((each) => each.found === 'linked');
    assert.deepEqual(
      found.map(({ path, database, code }) => [path, database, code.packages]),
      [['usr/bin/app', 'go:usr/bin/app', codeOf(bytes)!.packages]],
    );
  });

  it('takes less than 64 KB of a program of 30,000 functions in 500 packages, and takes less than 1 % of others for one of them', () => {
    const nameOf = (n: number) => [`example.com/old/internal/package${n % 500}`, `Type${n}.Method`] as const;
    const functions = Array.from({ length: 30_000 }, (_, n) => nameOf(n).join('.'));
    const code = codeOf(goProgram(program(), functions))!;
    const place = { packageDb: 'go:usr/local/bin/app', introducedIn: `sha256:${'0'.repeat(64)}` as Digest };
    const size = JSON.stringify(linkedToWire({ ...code, ...place })).length;
    assert.ok(size < 64_000, `${size} bytes`);
    const filter = decodeFilter(code.functions!)!;
    const isThere = (n: number) => {
      const [path, symbol] = nameOf(n);
      return filter.has(hashOfFunction(path.replace('/old/', '/fork/'), symbol));
    };
    const numbers = Array.from({ length: 130_000 }, (_, n) => n);
    assert.ok(numbers.slice(0, 30_000).every(isThere));
    const wrong = numbers.slice(30_000).filter(isThere).length;
    assert.ok(wrong < 1000, `${wrong} of 100,000`);
  });

  it('has each function, whatever its name', () => {
    const word = fc
      .stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,8}$/)
      .filter((text) => !/^(?:type|go)$/.test(text));
    const path = fc
      .array(word, { minLength: 1, maxLength: 4 })
      .map((parts) => `example.com/old/${parts.join('/')}`);
    const one = fc.record({
      path,
      type: fc.option(word),
      name: word,
      pointer: fc.boolean(),
      inner: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(one, { minLength: 1, maxLength: 40 }),
        fc.constantFrom(...releases),
        (functions, release) => {
          const names = functions.map(({ path, type, name, pointer, inner }) => {
            const method = type === null ? name : `${pointer ? `(*${type})` : type}.${name}`;
            return `${path}.${method}${inner ? '.func1.2' : ''}`;
          });
          const table = functionTable([...RUNTIME, ...names], { release });
          const code = codeOf(elf(() => goData(program(`go1.${release}`), table)))!;
          const filter = decodeFilter(code.functions!)!;
          for (const { path, type, name } of functions) {
            const there = path.replace('example.com/old', 'example.com/fork');
            assert.ok(filter.has(hashOfFunction(there, type === null ? name : `${type}.${name}`)));
            assert.ok(code.packages['example.com/fork']!.includes(there.slice('example.com/fork/'.length)));
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('survives any damage to the table', () => {
    const seeds = [2, 15, 17, 21].map((release) =>
      functionTable(FUNCTIONS, { release, inlined: INLINED_ONLY }),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...seeds),
        fc.array(fc.tuple(fc.nat(0x300), fc.nat(255)), { maxLength: 8 }),
        fc.option(fc.nat(0x300)),
        (seed, changes, cut) => {
          const copy = Buffer.from(seed.subarray(0, cut ?? undefined));
          for (const [at, value] of changes) if (at < copy.length) copy[at] = value;
          for (const section of ['.gopclntab', '.data'])
            codeOf(elf(() => goData(program(), copy), { section }));
        },
      ),
      { numRuns: 3000 },
    );
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void new FunctionNames().read(Buffer.from(bytes))));
  });
});
