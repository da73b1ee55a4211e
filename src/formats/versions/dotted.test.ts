import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dotted } from './dotted.ts';

describe('versions of numbers alone', () => {
  const scheme = dotted('lab');
  // R: numeric_version('1.2-3') == '1.2.3'; pvp.haskell.org: component by component.
  const cases: [a: string, b: string, want: number][] = [
    ['1.2-3', '1.2.3', 0],
    ['1.2', '1.2.0', -1],
    ['1.10', '1.9', 1],
    ['1.02', '1.2', 0],
    ['10', '9.9.9', 1],
  ];
  for (const [a, b, want] of cases) {
    it(`${a} and ${b}: ${want}`, () => {
      assert.equal(Math.sign(scheme.compare(scheme.parse(a)!, scheme.parse(b)!)), want);
    });
  }
  for (const text of ['', '1.a', '1..2', '1.', 'x'.repeat(600), '1'.repeat(600)]) {
    it(`${text.slice(0, 10)} is none`, () => assert.equal(scheme.parse(text), undefined));
  }
});
