import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { HostBusy } from './host-pacer.ts';
import { retryAfter, retryAfterOf } from './retry-after.ts';

describe('how long a server asks to be left alone', () => {
  const now = Date.UTC(2024, 0, 1);
  const year = 365 * 24 * 3600 * 1000;
  const cases: [header: string | string[] | undefined, wait: number][] = [
    [undefined, 0],
    ['', 0],
    [[], 0],
    ['0', 0],
    ['120', 120_000],
    [' 5 ', 5000],
    [['7', '9'], 7000],
    ['2147483648', 2_147_483_648_000],
    ['-5', 0],
    ['soon', 0],
    ['Mon, 01 Jan 2024 00:00:03 GMT', 3000],
    ['Sun, 31 Dec 2023 00:00:00 GMT', 0],
  ];
  for (const [header, wait] of cases) {
    it(`${JSON.stringify(header)} is ${wait} ms`, () => assert.equal(retryAfter(header, now), wait));
  }

  it('is long where the server says so with more digits than a number has', () => {
    for (const header of ['9'.repeat(12), '9'.repeat(400), 'Fri, 31 Dec 9999 23:59:59 GMT'])
      assert.ok(retryAfter(header, now) >= 1000 * year, header);
  });

  it('is a time that a date can be set to, whatever it writes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^\d+$/)), (header) => {
        const wait = retryAfter(header);
        assert.ok(wait >= 0 && !Number.isNaN(new Date(Date.now() + wait).getTime()), String(wait));
      }),
    );
  });

  it('is found in what an error says as its cause', () => {
    const busy = new HostBusy('a', 7000);
    assert.equal(retryAfterOf(new Error('not fetched', { cause: busy })), 7000);
    assert.equal(retryAfterOf(new Error('not fetched')), 0);
    assert.equal(retryAfterOf('busy'), 0);
  });
});
