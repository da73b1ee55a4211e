import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Shown, shownOf } from '../shown/shown.ts';
import type { LoadedAdvisory } from '../store/load-advisories.ts';
import { numberVulnerabilities } from './numbered.ts';

const SEVERITY = { unknown: 0, low: 2, critical: 5 };

function shown(id: number, differing: Partial<LoadedAdvisory> = {}): Shown {
  return shownOf(
    {
      id,
      feed: 'feed',
      name: 'package',
      kind: 'binary',
      module: '',
      arches: null,
      shown_arch: null,
      asserts_unaffected: false,
      fixed_in_version: '1',
      scope: 1,
      wire: '"name":"x","severity":"","normalized_severity":"Unknown"',
      scope_key: 'toy:1',
      vulnerability: 'CVE-1',
      severity: SEVERITY.low,
      aliases: null,
      text: 'aGFzaA==',
      code: null,
      facts: null,
      ...differing,
    },
    [],
  );
}

describe('numbers of vulnerabilities', () => {
  const cases: [what: string, list: Shown[], affecting: number[], numbers: [id: number, number: number][]][] =
    [
      ['nothing', [], [], []],
      [
        'what affects something, then the most severe',
        [
          shown(1, { severity: SEVERITY.critical }),
          shown(2, { severity: SEVERITY.unknown, vulnerability: 'CVE-2' }),
          shown(3, { vulnerability: 'CVE-3' }),
        ],
        [2, 3],
        [
          [1, 3],
          [2, 2],
          [3, 1],
        ],
      ],
      [
        'a name, and what begins with it',
        [
          shown(1, { vulnerability: 'CVE-11' }),
          shown(2, { vulnerability: 'CVE-1', feed: 'z' }),
          shown(3, { vulnerability: 'CVE-1', feed: 'y', name: 'zzz' }),
        ],
        [1, 2, 3],
        [
          [1, 3],
          [2, 2],
          [3, 1],
        ],
      ],
      [
        'ranges that come to the same as one, which affects if one of them does',
        [shown(1), shown(2), shown(3, { severity: SEVERITY.critical })],
        [2],
        [
          [1, 1],
          [2, 1],
          [3, 2],
        ],
      ],
    ];
  for (const [what, list, affecting, numbers] of cases) {
    it(what, () => {
      const affected = new Map([[0, new Set(affecting)]]);
      const numbered = numberVulnerabilities({ shown: list, affected });
      assert.deepEqual([...numbered.numbers], numbers);
      for (const [id, number] of numbers) {
        const { order } = list.find((each) => each.id === id)!;
        assert.equal(numbered.vulnerabilities[number - 1]?.order, order);
      }
    });
  }

  const differing: Partial<LoadedAdvisory>[] = [
    { feed: 'other' },
    { scope_key: 'toy:2' },
    { name: 'other' },
    { kind: 'source' },
    { fixed_in_version: '' },
    { module: 'm' },
    { asserts_unaffected: true },
    { arches: ['x86_64'] },
    { shown_arch: 'x86_64' },
    { text: 'b3RoZXI=' },
    { vulnerability: 'CVE-2' },
    { severity: SEVERITY.unknown },
  ];
  for (const each of differing) {
    it(`tells apart ${JSON.stringify(each)}`, () => {
      const list = [shown(1), shown(2, each)];
      assert.equal(numberVulnerabilities({ shown: list, affected: new Map() }).vulnerabilities.length, 2);
      const others = [shown(2, each), shown(1)];
      assert.deepEqual(
        numberVulnerabilities({ shown: others, affected: new Map() }).vulnerabilities.map(({ id }) => id),
        numberVulnerabilities({ shown: list, affected: new Map() }).vulnerabilities.map(({ id }) => id),
        'in one order',
      );
    });
  }
});
