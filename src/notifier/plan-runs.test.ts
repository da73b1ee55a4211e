import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { run } from './notifier.fixture.ts';
import { type Baseline, planRuns } from './plan-runs.ts';
import type { Run } from './sources.ts';

/** Runs of these numbers, the newest first. */
const runs = (...numbers: number[]) => numbers.map((n) => run(1, n));
const known = (n: number): Run => run(1, n);

describe('runs to tell about', () => {
  const cases: [string, number[], Run | undefined, Baseline, string][] = [
    ['none', [], undefined, 'skip', ''],
    ['a feed that is new', [1], undefined, 'skip', 'from 1'],
    ['a new feed with two runs', [2, 1], undefined, 'skip', 'from 1 1-2'],
    ['a new feed, to be notified of', [2, 1], undefined, 'notify', '-2'],
    ['nothing new', [2, 1], known(2), 'skip', ''],
    ['one', [3, 2, 1], known(2), 'skip', '2-3'],
    ['several, each of them', [5, 4, 3, 2], known(2), 'skip', '2-3 3-4 4-5'],
    ['the last one was deleted', [5, 4, 2, 1], known(3), 'skip', '2-4 4-5 gap'],
    ['the last one was collected', [7, 6, 5], known(3), 'skip', 'from 5 5-6 6-7 gap'],
    ['the last one was collected, and one is left', [7], known(3), 'skip', 'from 7 gap'],
    ['the newest one was deleted', [2, 1], known(3), 'skip', ''],
  ];
  for (const [what, numbers, last, baseline, want] of cases) {
    it(`${what}: ${want || 'nothing'}`, () => {
      const plan = planRuns(runs(...numbers), last, baseline);
      const number = (ref: string | undefined) => (ref === undefined ? '' : Number(ref.slice(-8)));
      const text = [
        ...(plan.baseline ? [`from ${number(plan.baseline.ref)}`] : []),
        ...plan.steps.map(({ prev, cur }) => `${number(prev?.ref)}-${number(cur.ref)}`),
        ...(plan.gap ? ['gap'] : []),
      ];
      assert.equal(text.join(' '), want);
    });
  }

  it('skip none and repeat none, whenever one looks', () => {
    const looks = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 20 });
    fc.assert(
      fc.property(looks, fc.integer({ min: 2, max: 30 }), (steps, kept) => {
        let newest = 0;
        let last: Run | undefined = known(0);
        const told: number[] = [];
        for (const more of steps) {
          newest += more;
          const all = runs(...Array.from({ length: newest + 1 }, (_, i) => newest - i)).slice(0, kept);
          const plan = planRuns(all, last, 'skip');
          if (more < kept) assert.equal(plan.gap, undefined);
          for (const { cur } of plan.steps) told.push(Number(cur.ref.slice(-8)));
          last = all[0];
        }
        assert.deepEqual(
          told,
          [...new Set(told)].sort((a, b) => a - b),
        );
        if (kept > 4) assert.equal(told.length, newest);
      }),
    );
  });
});
