import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { drawJitter, isDue, nextTry } from './feed-schedule.ts';
import { type FeedState, type FeedTimes, feedState } from './feed-status.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = new Date('2026-02-03T04:05:06Z');
const at = (ms: number): Date => new Date(NOW.getTime() + ms);

describe('when a feed is asked again', () => {
  const period = 6 * HOUR;
  const cases: [what: string, failures: number, retryAfter: number, wait: number][] = [
    ['after a period', 0, 0, 6 * HOUR],
    ['5 minutes after it failed', 1, 0, 5 * MINUTE],
    ['10 minutes after it failed twice', 2, 0, 10 * MINUTE],
    ['never later than after a period', 1000, 0, 6 * HOUR],
    ['when upstream wants it', 1, 2 * HOUR, 2 * HOUR],
    ['not at once because upstream does not mind', 3, 1000, 20 * MINUTE],
    ['after a day, whatever upstream wants', 1, 1e12, 24 * HOUR],
  ];
  for (const [what, failures, retryAfter, wait] of cases) {
    it(what, () => {
      const next = nextTry({ started: NOW, failures, retryAfter, period, jitter: 1 });
      assert.equal(next.getTime() - NOW.getTime(), wait);
    });
  }

  it('is spread by a tenth', () => {
    assert.deepEqual([drawJitter(() => 0), drawJitter(() => 0.5)], [0.9, 1]);
    assert.ok(drawJitter(() => 1) <= 1.1);
  });

  const due: [what: string, schedule: Parameters<typeof isDue>[0], due: boolean][] = [
    ['was never asked', { last_attempt: null, next_try: null, failures: 0 }, true],
    ['has no time', { last_attempt: at(-1), next_try: null, failures: 0 }, true],
    ['was just asked', { last_attempt: at(0), next_try: at(6 * HOUR), failures: 0 }, false],
    ['is due now', { last_attempt: at(-6 * HOUR), next_try: at(0), failures: 0 }, true],
    [
      'is due in some minutes, as its set is',
      { last_attempt: at(-6 * HOUR), next_try: at(30 * MINUTE), failures: 0 },
      true,
    ],
    ['is due in an hour', { last_attempt: at(-5 * HOUR), next_try: at(HOUR), failures: 0 }, false],
    [
      'was asked when the period was longer',
      { last_attempt: at(-7 * HOUR), next_try: at(90 * HOUR), failures: 0 },
      true,
    ],
    ['failed a moment ago', { last_attempt: at(-MINUTE), next_try: at(4 * MINUTE), failures: 1 }, false],
    ['failed some minutes ago', { last_attempt: at(-5 * MINUTE), next_try: at(0), failures: 1 }, true],
    [
      'is to be left alone for a day',
      { last_attempt: at(-20 * HOUR), next_try: at(4 * HOUR), failures: 1 },
      false,
    ],
    [
      'was asked by a replica whose clock is ahead',
      { last_attempt: at(20_000), next_try: at(6 * HOUR), failures: 0 },
      false,
    ],
    [
      'was asked in the future: the clock was set back',
      { last_attempt: at(HOUR), next_try: at(7 * HOUR), failures: 0 },
      true,
    ],
    ['failed in the future', { last_attempt: at(HOUR), next_try: at(2 * HOUR), failures: 9 }, true],
  ];
  for (const [what, schedule, expected] of due) {
    it(`${expected ? 'asks' : 'leaves alone'} what ${what}`, () => {
      assert.equal(isDue(schedule, NOW, period), expected);
    });
  }

  it('comes for every feed, and never before its time by more than a tenth of the period', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2000 }),
        fc.integer({ min: MINUTE, max: 90 * 24 * HOUR }),
        fc.double({ min: 0.9, max: 1.1, noNaN: true }),
        fc.integer({ min: 0, max: 1e9 }),
        (failures, every, jitter, retryAfter) => {
          const next = nextTry({ started: NOW, failures, retryAfter, period: every, jitter });
          const schedule = { last_attempt: NOW, next_try: next, failures };
          assert.ok(next > NOW);
          assert.ok(isDue(schedule, next, every));
          assert.ok(!isDue(schedule, NOW, every));
          assert.ok(next.getTime() - NOW.getTime() <= Math.max(1.1 * every, 24 * HOUR));
        },
      ),
    );
  });
});

describe('the state of a feed', () => {
  const none = { last_success: null, last_error: null, next_try: null, vanished_at: null };
  const HOURS_49 = at(-49 * HOUR);
  const states: [FeedTimes, FeedState][] = [
    [none, 'never'],
    [{ ...none, last_error: 'no' }, 'failed'],
    [{ ...none, last_error: 'no', vanished_at: NOW }, 'failed'],
    [{ ...none, vanished_at: NOW }, 'never'],
    [{ ...none, last_success: NOW }, 'ok'],
    [{ ...none, last_success: NOW, last_error: 'no' }, 'failed'],
    [{ ...none, last_success: NOW, vanished_at: NOW }, 'stale'],
    [{ ...none, last_success: NOW, last_error: 'no', vanished_at: NOW }, 'stale'],
    [{ ...none, last_success: HOURS_49 }, 'stale'],
    [{ ...none, last_success: HOURS_49, next_try: at(-1) }, 'stale'],
    [{ ...none, last_success: HOURS_49, next_try: at(1) }, 'ok'],
    [{ ...none, last_success: at(HOUR) }, 'ok'],
  ];
  for (const [times, state] of states) {
    it(`is ${state} with ${JSON.stringify(times)}`, () => assert.equal(feedState(times, NOW), state));
  }
});
