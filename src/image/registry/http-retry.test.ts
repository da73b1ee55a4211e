import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { AppError } from '../../errors.ts';
import { pause } from '../../lib/clock.ts';
import { isBusy, isTransient, retryDelay } from './http-retry.ts';

const policy = { tries: 4, backoff: 100, longest: 5000 };

describe('another try', () => {
  it('comes after a pause that doubles, and not for ever', () => {
    for (const [failures, least, most] of [
      [1, 50, 150],
      [2, 100, 300],
      [3, 200, 600],
    ] as const) {
      const delay = retryDelay(policy, failures);
      assert.ok(delay !== undefined && delay >= least && delay <= most, `${failures}: ${delay}`);
    }
    assert.equal(retryDelay(policy, 4), undefined);
  });

  it('comes when the server wants it, if that is soon', () => {
    const delay = retryDelay(policy, 1, '2');
    assert.ok(delay === 2000, String(delay));
    assert.equal(retryDelay(policy, 1, '6'), undefined);
  });

  it('is bounded whatever the server says', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 10 }), (text, failures) => {
        const delay = retryDelay(policy, failures, text);
        assert.ok(delay === undefined || (delay >= 0 && delay <= policy.longest));
      }),
    );
  });

  it('is for what may be otherwise in a moment', () => {
    assert.deepEqual([408, 429, 500, 502, 503, 504].filter(isBusy).length, 6);
    assert.deepEqual([200, 206, 301, 400, 401, 403, 404, 416, 501].filter(isBusy), []);
    const coded = (code: string) => Object.assign(new Error(code), { code });
    assert.ok(isTransient(new AppError('bad-target', 'x', { cause: coded('ECONNRESET') })));
    for (const code of ['ECONNREFUSED', 'ENOTFOUND', 'SELF_SIGNED_CERT_IN_CHAIN', 'EPROTO'])
      assert.ok(!isTransient(coded(code)), code);
    assert.ok(isTransient(coded('ECONNREFUSED'), true));
    assert.ok(!isTransient(coded('EPROTO'), true));
    const round = new Error('round');
    round.cause = round;
    assert.ok(!isTransient(round));
  });

  it('is not waited for when nobody waits', async () => {
    const reason = new Error('stopped');
    await assert.rejects(pause(60_000, AbortSignal.abort(reason)), reason);
  });
});
