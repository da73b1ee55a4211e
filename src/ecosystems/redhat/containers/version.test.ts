import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseRhcTag, releaseOf, rhctag } from './version.ts';

const compare = (a: string, b: string): number =>
  Math.sign(rhctag.compare(rhctag.parse(a)!, rhctag.parse(b)!));

describe('rhctag', () => {
  for (const [lower, higher] of [
    ['v4.6.0-202110', 'v4.6.0-202112'],
    ['v4.6.0-202112', 'v4.13.0-202101'],
    ['v3.5.7-2', 'v3.5.7-11'],
    ['v3.9.5-2', '1700000000'],
    ['1700000000', '1738404672'],
    ['8.6-943.1664813224', '8.6-944'],
    ['4.6', 'v4.6.0-1'],
    ['4.6.1', '4.6.1-1'],
    ['1.0.0-1', '2-1'],
    ['99999999999999999998-1', '99999999999999999999-1'],
  ] as const)
    it(`orders ${lower} before ${higher}`, () => assert.equal(compare(lower, higher), -1));

  it('counts neither a leading v, nor zeros before a number, nor a release that is not there', () => {
    for (const [a, b] of [
      ['v4.6.0-1', '4.6.0-1'],
      ['4.06.0-1', '4.6.0-1'],
      ['4.6.0', '4.6.0-0'],
    ] as const)
      assert.equal(compare(a, b), 0);
  });

  it('knows the release of a tag', () => {
    assert.equal(releaseOf(parseRhcTag('v4.13.0-2023')!), '4.13');
    assert.equal(releaseOf(parseRhcTag('1738404672')!), '1738404672.0');
  });

  for (const text of ['', 'latest', 'v', '-1', 'v.1', 'vv1', 'sha256:abc', `1${'0'.repeat(200)}`])
    it(`does not read ${JSON.stringify(text.slice(0, 20))}`, () =>
      assert.equal(rhctag.parse(text), undefined));

  const number = fc.constantFrom('0', '1', '01', '4', '10', '1738404672', '99999999999999999999');
  const tag = fc
    .tuple(
      fc.constantFrom('', 'v'),
      fc.array(number, { minLength: 1, maxLength: 4 }),
      fc.constantFrom('', '-1', '-10', '-1.p0', '-a'),
    )
    .map(([v, numbers, release]) => v + numbers.join('.') + release);

  it('orders keys as versions, totally', () => {
    fc.assert(
      fc.property(tag, tag, tag, (one, two, three) => {
        const [a, b, c] = [one, two, three].map((text) => rhctag.parse(text)!) as [never, never, never];
        const order = Math.sign(rhctag.compare(a, b));
        assert.equal(Math.sign(Buffer.compare(rhctag.key(a)!, rhctag.key(b)!)), order);
        assert.equal(Math.sign(rhctag.compare(b, a)) + order, 0);
        if (order <= 0 && rhctag.compare(b, c) <= 0) assert.ok(rhctag.compare(a, c) <= 0);
      }),
    );
  });

  it('puts a release before its tags', () => {
    for (const text of ['v4.6.0-202110', '4.6-1', '4.6.0', 'v4.6.10-1.p0'])
      assert.equal(compare(releaseOf(parseRhcTag(text)!), text), -1);
  });
});
