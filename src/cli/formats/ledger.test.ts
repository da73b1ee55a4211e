import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ecosystems } from '../../ecosystems/index.ts';
import type { Digest } from '../../model/digest.ts';
import type { LedgerWire } from '../../model/ledger-wire.ts';
import { readSbom } from '../../sbom/read-sbom.ts';
import { reportWire, scanResult } from '../outcome/scan-result.fixture.ts';
import { FORMATS } from './all-formats.fixture.ts';
import { cyclonedxSbom } from './cyclonedx.ts';
import { formatInput } from './format-input.ts';
import { ledgerLines, sizeText } from './ledger-text.ts';
import { FORMAT_NAMES } from './load-format.ts';
import { spdxSbom } from './spdx.ts';
import type { FormatInput } from './view.ts';

const NOW = new Date('2099-01-01T00:00:00Z');
const LAYER = `sha256:${'7'.repeat(64)}` as Digest;
const none = { files: 0, bytes: 0 };
const LEDGER: LedgerWire = {
  accounts: {
    os_package: { files: 12, bytes: 3_400_000 },
    language_package: none,
    program: none,
    inventory: none,
    unaccounted: { files: 3, bytes: 2_001_200 },
  },
  unaccounted: [
    { path: 'usr/local/bin/app', size: 2_000_000, kind: 'elf', marks: ['packed', 'go'], layer: LAYER },
    { path: 'opt/<b>|x.sh', size: 700, kind: 'script', layer: LAYER },
  ],
};

function inputOf(ledger: LedgerWire | undefined): FormatInput {
  const result = scanResult({ report: reportWire({ ...(ledger && { ledger }) }) });
  const template = {
    name: 't',
    text: '{{#ledger}}{{#unaccounted}}{{path}} {{instruction}}{{/unaccounted}}{{/ledger}}',
  };
  const instructions = new Map([[LAYER as string, 'RUN make install']]);
  return formatInput({ result, matches: [], ecosystems, now: NOW, template, instructions }, NOW);
}

describe('the ledger in words', () => {
  it('has the totals, the largest files, what is known of them, and how many more there are', () =>
    assert.deepEqual(ledgerLines(inputOf(LEDGER).view, 1), [
      'Files that can run: 12 of OS packages (3.4 MB), 3 unaccounted (2.0 MB)',
      'Unaccounted: usr/local/bin/app (elf, 2.0 MB; compressed with UPX: its contents cannot be read; a Go program without build info): RUN make install',
      'Unaccounted: 2 more, each no larger',
    ]));
  it('is nothing where nobody has counted', () =>
    assert.deepEqual(ledgerLines(inputOf(undefined).view, 9), []));
  for (const [bytes, want] of [
    [0, '0 B'],
    [999, '999 B'],
    [1500, '1.5 kB'],
    [12_340_000, '12.3 MB'],
  ] as const)
    it(`${bytes}: ${want}`, () => assert.equal(sizeText(bytes), want));
});

describe('the ledger in every format', () => {
  for (const name of FORMAT_NAMES) {
    if (['openvex', 'github'].includes(name)) continue; // statements about vulnerabilities, packages alone
    it(`${name} names what is unaccounted`, () => {
      assert.match(FORMATS[name](inputOf(LEDGER)), /usr\/local\/bin\/app/);
      assert.doesNotMatch(FORMATS[name](inputOf(undefined)), /Files that can run|clair:ledger/);
    });
    // Clair's own report, and SBOMs that are read again, name the layer.
    if (['clair', 'cyclonedx', 'spdx'].includes(name)) continue;
    it(`${name} names the instruction that brought it`, () =>
      assert.match(FORMATS[name](inputOf(LEDGER)), /RUN make install/));
  }
  it('html and markdown take a name for nothing but a text', () => {
    for (const name of ['html', 'markdown'] as const)
      assert.doesNotMatch(FORMATS[name](inputOf(LEDGER)), /<b>\|x/);
  });
  for (const [name, write] of [
    ['CycloneDX', cyclonedxSbom],
    ['SPDX', spdxSbom],
  ] as const) {
    it(`${name} gives it back`, () => {
      const { report } = readSbom(Buffer.from(write(inputOf(LEDGER))), 'a', ecosystems);
      assert.deepEqual(report.ledger, inputOf(LEDGER).index.ledger);
      assert.equal(report.ledger?.unaccounted.length, 2);
    });
  }
});
