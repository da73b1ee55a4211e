import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { backgroundWork } from './background.ts';
import { fakeClock } from './clock.fixture.ts';

const { signal } = new AbortController();

describe('background work', () => {
  function created(busy = 0) {
    const clock = fakeClock();
    return { clock, run: backgroundWork(clock, () => () => busy) };
  }
  /** Starts and ends of pieces that take so many ms. */
  async function timesOf({ clock, run }: ReturnType<typeof created>, ...lengths: number[]) {
    return await Promise.all(
      lengths.map((length) =>
        run(async () => {
          const start = clock.now();
          await clock.sleep(length, signal);
          return [start, clock.now()];
        }, signal),
      ),
    );
  }

  const cases: readonly (readonly [what: string, busy: number, lengths: number[], starts: number[]])[] = [
    ['does not wait while all is done in a second', 0, [100, 100, 100], [0, 100, 200]],
    ['rests one and a half times as long as pieces take', 0, [1000, 100, 10], [0, 1500, 1750]],
    ['goes on resting at that rate', 0, [400, 400, 400, 400], [0, 400, 1000, 2000]],
    ['rests twice as long if requests take half of the process', 0.5, [1000, 10], [0, 3000]],
    ['rests nine times as long at most', 1, [500, 200, 10], [0, 500, 2250]],
    ['rests no longer than five seconds', 0, [60_000, 10], [0, 64_000]],
  ];
  for (const [what, busy, lengths, starts] of cases) {
    it(what, async () => {
      const times = await timesOf(created(busy), ...lengths);
      assert.deepEqual(
        times,
        starts.map((start, at) => [start, start + lengths[at]!]),
      );
    });
  }

  it('returns before the rest', async () => {
    const made = created();
    await timesOf(made, 2000);
    assert.equal(made.clock.now(), 2000);
  });

  it('goes on after a piece that failed', async () => {
    const { run } = created();
    const failed = run(() => Promise.reject(new Error('no database')), signal);
    const next = run(async () => 'done', signal);
    await assert.rejects(failed, /no database/);
    assert.equal(await next, 'done');
  });

  it('ends a wait for a turn when it is aborted, and neither the piece that runs nor the turns of others', async () => {
    const { run } = created();
    const stop = new AbortController();
    const running = Promise.withResolvers<string>();
    const begun = Promise.withResolvers<void>();
    const first = run(() => {
      begun.resolve();
      return running.promise;
    }, stop.signal);
    await begun.promise;
    const second = run(async () => assert.fail('it was aborted'), stop.signal);
    const third = run(async () => 'third', signal);
    stop.abort(new Error('the service stops'));
    await assert.rejects(second, /the service stops/);
    running.resolve('first');
    assert.deepEqual(await Promise.all([first, third]), ['first', 'third']);
  });

  it('is not begun when it is aborted in the rest before it', async () => {
    const { clock, run } = created();
    await run(() => clock.sleep(2000, signal), signal);
    const stop = new AbortController();
    const next = run(async () => assert.fail('it was aborted'), stop.signal);
    stop.abort(new Error('the service stops'));
    await assert.rejects(next, /the service stops/);
  });

  it('measures how busy the process is', async () => {
    const run = backgroundWork();
    await run(async () => undefined, signal);
    assert.equal(await run(async () => 'next', signal), 'next');
  });
});
