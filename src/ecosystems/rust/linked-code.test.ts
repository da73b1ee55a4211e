import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { hashOfFunction } from '../../formats/programs/function-hash.ts';
import { asFile, elf, fat, machO, pe } from '../../formats/programs/programs.fixture.ts';
import { rustPaths } from '../../formats/programs/rust-path.ts';
import { decodeFilter } from '../../lib/name-filter.ts';
import type { LinkedCode } from '../../model/linked-code.ts';
import { demangleLegacy } from './demangle-legacy.ts';
import { demangleV0 } from './demangle-v0.ts';
import { auditable } from './detect-auditable.ts';

const HASH = '17h0123456789abcdefE';
const legacy = (...parts: string[]) => `_ZN${parts.map((part) => `${part.length}${part}`).join('')}${HASH}`;

/** As rustc 1.95 wrote them, but for the numbers, or by the description of the form. */
const NAMES: readonly (readonly [name: string, paths: readonly string[]])[] = [
  [legacy('shlex', 'bytes', 'quote'), ['shlex::bytes::quote']],
  [legacy('lab', 'run', '_$u7b$$u7b$closure$u7d$$u7d$'), ['lab::run']],
  [legacy('lab', 'Map$LT$K$C$V$GT$', 'get'), ['lab::Map::get']],
  [
    legacy('_$LT$lab..Map$LT$K$GT$$u20$as$u20$core..ops..drop..Drop$GT$', 'drop'),
    ['lab::Map::drop', 'core::ops::drop::Drop::drop'],
  ],
  [
    legacy('lab', 'fmt', '_$LT$impl$u20$core..fmt..Display$u20$for$u20$lab..url..Url$GT$', 'fmt'),
    ['core::fmt::Display::fmt', 'lab::url::Url::fmt'],
  ],
  [legacy('lab', 'more', '_$LT$impl$u20$lab..url..Url$GT$', 'host'), ['lab::url::Url::host']],
  [
    legacy('_$LT$$RF$mut$u20$lab..A$u20$as$u20$lab..B$LT$fn$LP$u8$RP$$u20$.$GT$$u20$u8$GT$$GT$', 'm'),
    ['lab::A::m', 'lab::B::m'],
  ],
  [legacy('_$LT$T$u20$as$u20$lab..Into$LT$U$GT$$GT$', 'into'), ['lab::Into::into']],
  [legacy('core', 'ptr', 'drop_in_place$LT$lab..A$GT$'), ['core::ptr::drop_in_place']],
  ['_RNvNtCs1234_5shlex5bytes5quote', ['shlex::bytes::quote']],
  ['_RNCNvCs1234_3lab3run0B3_', ['lab::run']],
  ['_RNvMs_NtCsabc_3lab3mapINtB4_3MaphE3getB6_', ['lab::map::Map::get']],
  [
    '_RNvXs0_Csabc_3labNtB5_3MapNtNtNtCs1_4core3ops4drop4Drop4drop',
    ['lab::Map::drop', 'core::ops::drop::Drop::drop'],
  ],
  ['_RINvNtCs1_4core3ptr13drop_in_placeNtCsabc_3lab1AEB4_', ['core::ptr::drop_in_place']],
  ['_RNvYRNtCs1_3lab1ANtB5_1B1m', ['lab::A::m', 'lab::B::m']],
  ['_RINvCs1_3lab3runKj4_Kb1_KpKRe666f6f_TmcERShFUKCmEuDNtB2_1Tp1XmEL_E', ['lab::run']],
  ['_RNvCs1_3labu8gdel_5qa.llvm.123', ['lab::gdel_5qa']],
  ['_RNvC3lab3run', ['lab::run']],
];

/** What is no name of Rust, or none that can be read. */
const OTHERS = [
  '_ZN3foo3barE',
  '_ZNSt6vectorIiSaIiEE9push_backEOi',
  '_ZN3lab3runh0123456789abcdef',
  `_ZN99lab${HASH}`,
  '_R',
  '_R1NvC3lab3run',
  '_RNvC9lab',
  '_RB_',
  '_RNvB3_3run',
  `_RI${'NvC3lab3run'}${'T'.repeat(300)}`,
  'main',
];

const codeOf = (bytes: Buffer): LinkedCode | undefined => {
  const file = asFile(bytes);
  return [...auditable.inspect!(file, file)].find((item) => item.found === 'linked')?.code;
};
const list = () =>
  deflateSync(JSON.stringify({ packages: [{ name: 'lab', version: '1.0.0', source: 'crates.io' }] }));
const section = '.dep-v0';
const symbols = NAMES.map(([name]) => name);

const demangled = (name: string) =>
  name.startsWith('_R') ? demangleV0(name) : name.startsWith('_ZN') ? demangleLegacy(name) : undefined;

describe('names of functions of Rust', () => {
  for (const [name, paths] of NAMES)
    it(name.slice(0, 70), () =>
      assert.deepEqual(
        rustPaths(demangled(name) ?? '').map((path) => path.join('::')),
        paths,
      ),
    );
  for (const name of OTHERS) it(`not ${name.slice(0, 60)}`, () => assert.equal(demangled(name), undefined));

  it('are read in bounded time and memory, whatever they refer to', () => {
    // Each trait refers to all before it.
    let name = 'C3lab';
    for (let n = 0; n < 200; n++) name = `XB_${name}B0_`;
    assert.equal(demangleV0(`_R${name}`), undefined);
    assert.equal(demangleV0(`_R${'NvIB_'.repeat(500)}`), undefined);
  });

  it('survive any damage', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...symbols),
        fc.array(fc.tuple(fc.nat(200), fc.string({ maxLength: 4 })), { maxLength: 6 }),
        (name, damages) => {
          let text = name;
          for (const [at, by] of damages)
            text = text.slice(0, at % text.length) + by + text.slice((at % text.length) + 1);
          rustPaths(demangleV0(text) ?? demangleLegacy(text) ?? text);
        },
      ),
      { numRuns: 3000 },
    );
  });
});

describe('code that a Rust program has', () => {
  const check = (code: LinkedCode | undefined, prefix = '') => {
    assert.ok(code, prefix);
    assert.deepEqual(code.packages, { core: [''], lab: [''], shlex: [''] });
    assert.equal(code.incomplete, true);
    const filter = decodeFilter(code.functions!)!;
    for (const path of NAMES.flatMap(([, paths]) => paths)) {
      const [crate = '', ...rest] = path.split('::');
      assert.ok(filter.has(hashOfFunction(crate, `::${rest.join('::')}`)), path);
    }
    assert.ok(filter.has(hashOfFunction('lab', '::elsewhere::Map::get')), 'as it is exported elsewhere');
    assert.ok(!filter.has(hashOfFunction('lab', '::elsewhere::run')));
    assert.ok(!filter.has(hashOfFunction('shlex', '::quote')));
  };
  it('is read of all formats', () => {
    check(codeOf(elf(list, { section, symbols })));
    check(codeOf(elf(list, { section, symbols, wide: false, bigEndian: true })));
    check(codeOf(pe(list, { section, symbols })));
    check(codeOf(machO(list, { section, symbols: symbols.map((name) => `_${name}`) })));
  });

  it('of a universal program is that of all its parts', () => {
    const half = Math.floor(symbols.length / 2);
    const parts = [symbols.slice(0, half), symbols.slice(half)];
    check(codeOf(fat(parts.map((each) => machO(list, { section, symbols: each })))));
  });

  it('tells the systems that it may run on', () => {
    const systems = (bytes: Buffer) => codeOf(bytes)!.platforms;
    assert.ok(systems(elf(list, { section })).includes('linux/x86_64'));
    assert.ok(!systems(elf(list, { section })).some((each) => /windows|macos|aarch64/.test(each)));
    assert.deepEqual(systems(elf(list, { section, machine: 9999 })), []);
    assert.deepEqual(systems(pe(list, { section })), ['cygwin/x86_64', 'uefi/x86_64', 'windows/x86_64']);
    assert.ok(systems(machO(list, { section })).includes('macos/x86_64'));
  });

  it('is nothing where symbols were stripped', () => {
    const { packages, functions, incomplete } = codeOf(elf(list, { section }))!;
    assert.deepEqual([packages, functions, incomplete], [{}, undefined, true]);
  });

  it('is not told of programs without a list of crates', () => {
    assert.equal(codeOf(elf(list, { section: '.data', symbols })), undefined);
  });
});
