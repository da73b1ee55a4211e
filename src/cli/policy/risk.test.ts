import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Risky, riskOf, shownRisk } from '../../model/risk.ts';
import { SEVERITIES } from '../../model/severity.ts';
import { match } from '../outcome/scan-result.fixture.ts';
import { ORDERS, sortMatches } from './sort-matches.ts';

const risky: fc.Arbitrary<Risky> = fc.record(
  {
    severity: fc.constantFrom(...SEVERITIES),
    epss: fc.double({ min: 0, max: 1, noNaN: true }),
    exploited: fc.boolean(),
    fixedIn: fc.constantFrom('', '1.2'),
  },
  { requiredKeys: ['severity', 'exploited', 'fixedIn'] },
);

describe('the risk of a finding', () => {
  it('is what the document says', () => {
    const cases: readonly (readonly [Partial<Risky>, number])[] = [
      [{ severity: 'Critical', exploited: true, fixedIn: '2' }, 100],
      [{ severity: 'Critical', exploited: true }, 95],
      [{ severity: 'High', epss: 1, fixedIn: '2' }, 72],
      [{ severity: 'High', epss: 0, fixedIn: '2' }, 16],
      [{ severity: 'High', epss: 0.25, fixedIn: '2' }, 44],
      [{ severity: 'Medium', epss: 0.25, fixedIn: '2' }, 27.5],
      [{ severity: 'Unknown', fixedIn: '2' }, 13.5],
      [{ severity: 'Low', epss: 0 }, 3.8],
    ];
    for (const [more, want] of cases)
      assert.equal(shownRisk(riskOf({ severity: 'Low', exploited: false, fixedIn: '', ...more })), want);
  });

  it('is above any other of its severity if it is exploited, also as it is shown', () => {
    fc.assert(
      fc.property(risky, risky, (a, b) => {
        const known = shownRisk(riskOf({ ...a, exploited: true }));
        const other = shownRisk(riskOf({ ...b, exploited: false, severity: a.severity }));
        assert.ok(known > other, `${known} ${other}`);
      }),
    );
  });

  it('is from 0 to 100, and no less with a higher EPSS, a fix or an exploit', () => {
    fc.assert(
      fc.property(risky, fc.double({ min: 0, max: 1, noNaN: true }), (each, more) => {
        const risk = riskOf(each);
        assert.ok(risk > 0 && risk <= 100);
        assert.ok(riskOf({ ...each, exploited: true }) >= risk);
        assert.ok(riskOf({ ...each, fixedIn: '1' }) >= risk);
        const { epss } = each;
        if (epss !== undefined) assert.ok(riskOf({ ...each, epss: Math.max(epss, more) }) >= risk);
      }),
    );
  });

  it('orders as every order does: the same findings in each, nothing lost', () => {
    const matches = fc.array(
      risky.chain((each) =>
        fc.constantFrom('curl', 'zlib').map((name) => match(name, each as Parameters<typeof match>[1])),
      ),
    );
    fc.assert(
      fc.property(matches, fc.constantFrom(...ORDERS), (all, order) => {
        const sorted = sortMatches(all, order);
        assert.equal(sorted.length, all.length);
        assert.deepEqual(new Set(sorted), new Set(all));
        if (order !== 'risk') return;
        const risks = sorted.map(riskOf);
        assert.deepEqual(
          risks,
          risks.toSorted((a, b) => b - a),
        );
      }),
    );
  });
});
