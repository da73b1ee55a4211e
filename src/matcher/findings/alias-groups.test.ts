import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { AliasGroups, type NamedRecord } from './alias-groups.ts';

const named = (name: string, ...aliases: string[]): NamedRecord => ({ name, aliases });

describe('groups of aliases', () => {
  const cases: [
    what: string,
    records: NamedRecord[],
    of: NamedRecord,
    name: string,
    aliases: string[],
    covers?: string[],
  ][] = [
    ['a record alone', [named('GHSA-1')], named('GHSA-1'), 'GHSA-1', []],
    [
      'its CVE',
      [named('GHSA-1', 'CVE-2020-0001')],
      named('GHSA-1', 'CVE-2020-0001'),
      'CVE-2020-0001',
      ['GHSA-1'],
    ],
    [
      'through a third record',
      [named('PYSEC-1'), named('GHSA-1', 'PYSEC-1', 'CVE-2020-0001')],
      named('PYSEC-1'),
      'CVE-2020-0001',
      ['GHSA-1', 'PYSEC-1'],
    ],
    [
      'GHSA before others, without a CVE',
      [named('PYSEC-1', 'GHSA-1')],
      named('PYSEC-1', 'GHSA-1'),
      'GHSA-1',
      ['PYSEC-1'],
    ],
    ['spellings of a CVE', [named('X', 'cve_2020_0001')], named('CVE-2020-0001'), 'CVE-2020-0001', ['X']],
    [
      'a title that begins with the CVE is no other name',
      [named('CVE-2020-0001 on Ubuntu 22.04 LTS (jammy) - low', 'CVE-2020-0001')],
      named('CVE-2020-0001 on Ubuntu 22.04 LTS (jammy) - low', 'CVE-2020-0001'),
      'CVE-2020-0001',
      [],
    ],
    [
      'an erratum about several',
      [named('ALSA-1', 'CVE-2020-0002', 'CVE-2020-0001'), named('GHSA-1', 'CVE-2020-0001')],
      named('ALSA-1', 'CVE-2020-0002', 'CVE-2020-0001'),
      'ALSA-1',
      ['CVE-2020-0001', 'CVE-2020-0002'],
      ['CVE-2020-0001', 'CVE-2020-0002'],
    ],
    [
      'what another record has for one of the several',
      [named('GO-1', 'CVE-2020-0002', 'CVE-2020-0001', 'GHSA-1'), named('GHSA-1', 'CVE-2020-0001', 'GO-1')],
      named('GO-1', 'CVE-2020-0002', 'CVE-2020-0001', 'GHSA-1'),
      'GHSA-1',
      ['CVE-2020-0001', 'CVE-2020-0002', 'GO-1'],
      ['CVE-2020-0001', 'CVE-2020-0002'],
    ],
    [
      'a CVE that is called another one, too',
      [named('CVE-2020-0002', 'CVE-2020-0001')],
      named('CVE-2020-0002', 'CVE-2020-0001'),
      'CVE-2020-0002',
      ['CVE-2020-0001'],
      ['CVE-2020-0001', 'CVE-2020-0002'],
    ],
    [
      'records that contradict each other',
      [named('GHSA-1', 'CVE-2020-0001'), named('PYSEC-1', 'CVE-2020-0002', 'GHSA-1')],
      named('PYSEC-1', 'CVE-2020-0002', 'GHSA-1'),
      'CVE-2020-0002',
      ['PYSEC-1'],
    ],
  ];
  for (const [what, records, record, name, aliases, covers = []] of cases) {
    it(what, () => {
      const group = new AliasGroups(records).of(record);
      assert.deepEqual([group.name, group.aliases, group.covers], [name, aliases, covers]);
    });
  }

  const id = fc.constantFrom(
    'GHSA-1',
    'GHSA-2',
    'PYSEC-1',
    'GO-1',
    'CVE-2020-0001',
    'CVE-2020-0002',
    'CVE-2020-0003',
  );
  const records = fc.array(fc.record({ name: id, aliases: fc.uniqueArray(id, { maxLength: 3 }) }), {
    maxLength: 8,
  });
  it('are the same in any order, and have one CVE at most', () => {
    fc.assert(
      fc.property(records, fc.infiniteStream(fc.nat()), (all, order) => {
        const shuffled = all
          .map((each) => ({ each, at: order.next().value as number }))
          .sort((a, b) => a.at - b.at);
        const groups = new AliasGroups(all);
        const again = new AliasGroups(shuffled.map(({ each }) => each));
        for (const record of all) {
          const group = groups.of(record);
          assert.deepEqual(group, again.of(record));
          const cves = [group.name, ...group.aliases].filter((name) => name.startsWith('CVE-'));
          assert.ok(group.covers.length > 1 || cves.length <= 1);
          assert.ok(group.covers.length === 0 || group.covers.every((cve) => cves.includes(cve)));
        }
      }),
    );
  });
  it('keep every name of a record that contradicts none', () => {
    fc.assert(
      fc.property(fc.uniqueArray(id, { minLength: 1 }), ([name = '', ...aliases]) => {
        const { name: shown, aliases: others } = new AliasGroups([{ name, aliases }]).of({ name, aliases });
        assert.deepEqual([shown, ...others].sort(), [name, ...aliases].sort());
      }),
    );
  });
});
