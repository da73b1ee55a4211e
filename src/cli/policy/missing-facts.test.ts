import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FeedStatus } from '../../matcher/store/feed-status.ts';
import { joinGates, parseGate } from './gate.ts';
import { missingFacts } from './missing-facts.ts';

const NOW = new Date('2026-03-04T00:00:00Z');
const loaded = (name: string, on: string): FeedStatus =>
  ({ name, lastSuccess: new Date(`${on}T00:00:00Z`) }) as FeedStatus;
const fresh = ['clair.kev', 'clair.epss'].map((name) => loaded(name, '2026-03-03'));

function told(gate: string, statuses: readonly FeedStatus[]): string[] {
  return missingFacts(parseGate(gate)!, statuses, NOW).map(({ kind, reason }) => `${kind}: ${reason}`);
}

describe('facts that a gate needs', () => {
  for (const [what, gate, statuses, want] of [
    ['loaded', 'kev,epss>0.5,high', fresh, []],
    ['never loaded', 'kev', [], ['feed-not-loaded: --fail-on kev needs clair.kev, which was never loaded']],
    [
      'within a condition',
      'high+epss>=5%',
      [],
      ['feed-not-loaded: --fail-on epss>=5% needs clair.epss, which was never loaded'],
    ],
    [
      'old',
      'exploited',
      [loaded('clair.kev', '2026-03-01')],
      ['feed-stale: --fail-on exploited needs clair.kev, which was loaded on 2026-03-01'],
    ],
    ['not needed', 'critical,fixable,unaccounted', [], []],
  ] as const) {
    it(what, () => assert.deepEqual(told(gate, statuses), want));
  }

  it('are those of both gates that are joined', () => {
    const { needs } = joinGates(parseGate('kev'), parseGate('epss>0.5')!);
    assert.deepEqual([...needs.keys()], ['clair.kev', 'clair.epss']);
  });
});
