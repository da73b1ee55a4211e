import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { match, missing, reportWire, scanResult } from '../outcome/scan-result.fixture.ts';
import { exitCodeOf } from './exit-code.ts';
import { parseGate } from './gate.ts';

describe('exit code of a scan', () => {
  const incomplete = { incomplete: [missing('npm')] };
  const accepted = {
    ...missing('npm'),
    accepted: { source: '.clairignore.yaml:2', reason: 'test', expires: '2100-01-01' },
  };
  const example = { example: 'not current' };
  const none = { files: 0, bytes: 0 };
  const counted = (files: number) => ({
    report: reportWire({
      ledger: {
        accounts: {
          os_package: none,
          language_package: none,
          program: none,
          inventory: none,
          unaccounted: { files, bytes: files },
        },
        unaccounted: [],
      },
    }),
  });
  const undecided = match('x', { severity: 'Critical', undecided: true });
  const cases: [
    string,
    Parameters<typeof scanResult>[0],
    Parameters<typeof exitCodeOf>[1],
    string | undefined,
    number,
  ][] = [
    ['nothing found', {}, [], undefined, 0],
    ['nothing found, with a gate', {}, [], 'Unknown', 0],
    ['something found, without a gate', {}, [match('x')], undefined, 0],
    ['something below the gate', {}, [match('x')], 'Critical', 0],
    ['something at the gate', {}, [match('x')], 'High', 2],
    ['something above the gate', {}, [match('x')], 'Low', 2],
    ['something that may be above the gate', {}, [undecided], 'High', 2],
    ['exploited', {}, [match('x', { exploited: true })], 'kev', 2],
    ['a part unchecked', incomplete, [], undefined, 3],
    ['a part unchecked, and below the gate', incomplete, [match('x')], 'Critical', 3],
    ['a part unchecked, and at the gate', incomplete, [match('x')], 'High', 2],
    ['a part unchecked, and accepted', { accepted: [accepted] }, [], undefined, 0],
    ['unaccounted files, without a gate', counted(1), [], undefined, 0],
    ['unaccounted files, and another gate', counted(1), [], 'High', 0],
    ['unaccounted files, at the gate', counted(1), [], 'high,unaccounted', 2],
    ['no unaccounted files', counted(0), [], 'unaccounted', 0],
    ['a gate for files that were not counted', {}, [], 'unaccounted', 3],
    ['the same, and at the gate', {}, [match('x')], 'unaccounted,high', 2],
    ['example data', example, [], undefined, 3],
    ['example data at the gate', example, [match('x')], 'High', 3],
  ];
  for (const [what, result, matches, gate, want] of cases) {
    it(`${what} -> ${want}`, () =>
      assert.equal(
        exitCodeOf(scanResult(result), matches, gate === undefined ? undefined : parseGate(gate)),
        want,
      ));
  }
});
