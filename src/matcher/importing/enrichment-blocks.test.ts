import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { blockPacker } from './enrichment-blocks.ts';

const NAMES = ['epss', 'percentile'] as const;
const record = (cve: string, more: object = {}) => ({
  tag: cve,
  data: { date: 'd', cve, epss: 0.5, percentile: 0.25, ...more },
});

describe('blocks of records', () => {
  it('hold a hundred CVEs each', () => {
    const packer = blockPacker(NAMES);
    for (const cve of ['CVE-2020-0100', 'CVE-2020-0199', 'CVE-2020-0200', 'CVE-2020-10000', 'CVE-2021-0100'])
      assert.equal(packer.add(record(cve)), undefined);
    const blocks = [...packer.rows()].map((row) => row.split('\t')[0]);
    assert.deepEqual(blocks, ['CVE-2020-01', 'CVE-2020-02', 'CVE-2020-100', 'CVE-2021-01']);
  });

  const refused: [what: string, tag: string, data: unknown][] = [
    ['no CVE id', 'GHSA-2020', record('GHSA-2020').data],
    ['an id in lower case', 'cve-2020-0001', record('cve-2020-0001').data],
    ['an id without end', `CVE-2020-${'1'.repeat(20)}`, record(`CVE-2020-${'1'.repeat(20)}`).data],
    ['letters at the end of an id', 'CVE-2020-000A', record('CVE-2020-000A').data],
    ['another id in the record', 'CVE-2020-0001', record('CVE-2020-0002').data],
    ['no number', 'CVE-2020-0001', record('CVE-2020-0001', { epss: '0.5' }).data],
    ['a number that is missing', 'CVE-2020-0001', { date: 'd', cve: 'CVE-2020-0001', epss: 1 }],
    ['what is no number', 'CVE-2020-0001', record('CVE-2020-0001', { epss: Number.NaN }).data],
    ['more than 1', 'CVE-2020-0001', record('CVE-2020-0001', { percentile: 1.1 }).data],
    ['less than 0', 'CVE-2020-0001', record('CVE-2020-0001', { percentile: -0.1 }).data],
    ['too many decimals', 'CVE-2020-0001', record('CVE-2020-0001', { epss: 0.123_456_789_1 }).data],
    ['another date', 'CVE-2020-0001', record('CVE-2020-0001', { date: 'e' }).data],
    ['something more', 'CVE-2020-0001', record('CVE-2020-0001', { note: 'n' }).data],
    ['something less', 'CVE-2020-0001', { cve: 'CVE-2020-0001', epss: 0, percentile: 0 }],
    ['nothing', 'CVE-2020-0001', null],
    ['no object', 'CVE-2020-0001', 1],
  ];
  for (const [what, tag, data] of refused) {
    it(`take no record with ${what}`, () => {
      const packer = blockPacker(NAMES);
      assert.equal(packer.add(record('CVE-2020-0000')), undefined);
      const before = [...packer.rows()];
      assert.equal(typeof packer.add({ tag, data }), 'string');
      assert.deepEqual([...packer.rows()], before);
    });
  }

  it('are bounded', () => {
    const packer = blockPacker(NAMES);
    assert.throws(
      () => {
        for (let n = 10_000; ; n++) packer.add(record(`CVE-2020-${n}00`));
      },
      { code: 'feed' },
    );
  });
});
