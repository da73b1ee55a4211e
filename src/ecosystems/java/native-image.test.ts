import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { Detection } from '../../contract/detector.ts';
import { asFile, fat, integer } from '../../formats/programs/programs.fixture.ts';
import {
  elfWithSymbols,
  machOWithSymbols,
  peWithExports,
  type SymbolsOptions,
} from '../../formats/programs/symbols.fixture.ts';
import { MAVEN_CENTRAL } from './detect-archives.ts';
import { nativeImages } from './native-image.ts';

const SBOM = {
  bomFormat: 'CycloneDX',
  specVersion: '1.4',
  components: [
    {
      type: 'library',
      group: 'io.netty',
      name: 'netty-codec-http2',
      version: '4.1.76.Final',
      purl: 'pkg:maven/io.netty/netty-codec-http2@4.1.76.Final',
    },
    // As GraalVM 22 wrote them.
    { type: 'library', group: 'org.yaml', name: 'snakeyaml', version: '1.30' },
    { type: 'library', group: 'org.yaml', name: 'snakeyaml', version: '1.30' },
    { type: 'library', name: 'alone', version: '1.0' },
  ],
};

function program(sbom: object | Buffer, options: SymbolsOptions & { length?: number } = {}): Buffer {
  const bytes = Buffer.isBuffer(sbom) ? sbom : gzipSync(JSON.stringify(sbom));
  const { length = bytes.length, ...rest } = options;
  return elfWithSymbols({ sbom: bytes, sbom_length: integer(length, 8, rest.bigEndian ?? false) }, rest);
}

const inspect = (bytes: Buffer): Detection[] => [...nativeImages.inspect!(asFile(bytes), asFile(bytes))];
const named = (found: readonly Detection[]) =>
  found.flatMap((each) => (each.found === 'package' ? `${each.package.name} ${each.package.version}` : []));
const told = (found: readonly Detection[]) =>
  found.flatMap((each) => (each.found === 'problem' ? each.reason : []));

const WANT = ['io.netty:netty-codec-http2 4.1.76.Final', 'org.yaml:snakeyaml 1.30', 'alone 1.0'];

describe('programs of GraalVM', () => {
  const ways: [string, SymbolsOptions][] = [
    ['exported symbols', {}],
    ['symbols that were not stripped', { tables: ['.symtab', '.strtab'] }],
    ['32 bits', { wide: false }],
    ['the other order of bytes', { bigEndian: true }],
  ];
  for (const [what, options] of ways)
    it(`have the libraries of their SBOM: ${what}`, () => {
      const found = inspect(program(SBOM, options));
      assert.deepEqual(named(found), WANT);
      assert.deepEqual(told(found), []);
      assert.deepEqual(found.at(-1), { found: 'repository', repository: MAVEN_CENTRAL });
      assert.ok(found[0]?.found === 'package');
      assert.deepEqual([found[0].package.path, found[0].package.database], ['app', 'graalvm:app']);
    });

  const of = (make: typeof machOWithSymbols, { bigEndian = false, ...rest }: SymbolsOptions = {}) => {
    const bytes = gzipSync(JSON.stringify(SBOM));
    return make({ sbom: bytes, sbom_length: integer(bytes.length, 8, bigEndian) }, { bigEndian, ...rest });
  };
  const formats: [string, Buffer][] = [
    ['Mach-O', of(machOWithSymbols)],
    ['Mach-O of 32 bits', of(machOWithSymbols, { wide: false })],
    ['Mach-O of the other order of bytes', of(machOWithSymbols, { bigEndian: true })],
    ['the second program of a universal file', fat([machOWithSymbols({}), of(machOWithSymbols)])],
    ['PE', of(peWithExports)],
    ['PE of 32 bits', of(peWithExports, { wide: false })],
  ];
  for (const [what, bytes] of formats)
    it(`have the libraries of their SBOM: ${what}`, () => {
      assert.ok(nativeImages.magic!(bytes.subarray(0, 512), asFile(bytes)));
      const found = inspect(bytes);
      assert.deepEqual(named(found), WANT);
      assert.deepEqual(told(found), []);
      // Whatever byte is damaged, nothing is found that has no name.
      fc.assert(
        fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 }), (at, byte) => {
          const damaged = Buffer.from(bytes);
          damaged[at] = byte;
          for (const each of inspect(damaged))
            if (each.found === 'package') assert.ok(each.package.name && each.package.version);
        }),
        { numRuns: 300 },
      );
    });

  it('without an SBOM say nothing', () => {
    assert.deepEqual(inspect(elfWithSymbols({ main: Buffer.from('x'), sbom: gzipSync('{}') })), []);
    assert.deepEqual(inspect(elfWithSymbols({ xsbom: Buffer.from('x'), xsbom_length: Buffer.alloc(8) })), []);
    assert.deepEqual(inspect(machOWithSymbols({ sbom: gzipSync('{}') })), []);
    assert.deepEqual(inspect(peWithExports({ sbom: gzipSync('{}') })), []);
    assert.deepEqual(inspect(Buffer.from('\x7fELF')), []);
  });

  const broken: [string, Buffer, RegExp][] = [
    ['no gzip', program(Buffer.from('nothing of that kind')), /cannot be read/],
    ['no SBOM', program({ a: 1 }), /cannot be read/],
    ['a length of nothing', program(SBOM, { length: 0 }), /its length is 0/],
    ['a length beyond the file', program(SBOM, { length: 9_000_000 }), /not in the file/],
    ['a length beyond reason', program(SBOM, { length: 2 ** 52 }), /its length is/],
    [
      'a component without a name',
      program({ ...SBOM, components: [{ type: 'library', version: '1' }] }),
      /name/,
    ],
  ];
  for (const [what, bytes, want] of broken)
    it(`are told where the SBOM is broken: ${what}`, () => assert.match(told(inspect(bytes)).join(), want));

  it('do not inflate without end, each and all of a layer', () => {
    const bomb = program(gzipSync(Buffer.alloc(80 * 1024 * 1024)));
    assert.match(told(inspect(bomb)).join(), /cannot be read/);
  });

  it('of any bytes are no reason to fail', () => {
    const sound = program(SBOM);
    fc.assert(
      fc.property(fc.nat(sound.length - 1), fc.integer({ min: 0, max: 255 }), fc.nat(64), (at, byte, cut) => {
        const damaged = Buffer.from(sound.subarray(0, sound.length - cut));
        damaged[at] = byte;
        for (const each of inspect(damaged))
          if (each.found === 'package') assert.ok(each.package.name && each.package.version);
      }),
      { numRuns: 1500 },
    );
  });
});
