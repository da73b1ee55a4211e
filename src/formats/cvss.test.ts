import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { cvssScore, severityOfCvss, severityOfScore } from './cvss.ts';

describe('cvssScore', () => {
  // Scores as the calculators of FIRST and NVD give them.
  const cases: [string, number | undefined][] = [
    ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H', 7.5],
    ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', 9.8],
    ['CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N', 6.1],
    ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N', 0],
    ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N/E:U/RL:O/RC:U', 7.5],
    ['CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N', 9.3],
    ['CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:U', 8.1],
    ['CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:P/CR:L/IR:L/AR:L', 7.9],
    ['AV:N/AC:L/Au:N/C:P/I:P/A:P', 7.5],
    ['CVSS:2.0/AV:N/AC:L/Au:N/C:P/I:P/A:P', 7.5],
    ['CVSS:3.1/AV:N', undefined],
    ['CVSS:4.0/AV:N/AC:L', undefined],
    ['CVSS:3.1/AV:Z/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H', undefined],
    ['CVSS:3.1/AV:N/AV:L/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H', undefined],
    ['CVSS:9.9/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H', undefined],
    ['AV:N/AC:L', undefined],
    ['7.5', undefined],
    ['', undefined],
  ];
  for (const [vector, want] of cases) {
    it(vector || '(empty)', () => assert.equal(cvssScore(vector), want));
  }

  it('never throws', () => {
    const metric = fc.stringMatching(/^[A-Z]{1,2}:[A-Z]$/);
    const vector = fc
      .tuple(
        fc.constantFrom('', 'CVSS:2.0/', 'CVSS:3.0/', 'CVSS:3.1/', 'CVSS:4.0/'),
        fc.array(metric, { maxLength: 12 }),
      )
      .map(([prefix, metrics]) => prefix + metrics.join('/'));
    fc.assert(
      fc.property(fc.oneof(vector, fc.string()), (text) => void severityOfCvss(text)),
      { numRuns: 300 },
    );
  });
});

it('puts scores into bands', () => {
  const bands = [0, 0.1, 3.9, 4, 6.9, 7, 8.9, 9, 10].map(severityOfScore);
  assert.deepEqual(bands, [
    'Negligible',
    'Low',
    'Low',
    'Medium',
    'Medium',
    'High',
    'High',
    'Critical',
    'Critical',
  ]);
});
