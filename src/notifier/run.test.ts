import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { notifierDatabase, notifierOf, recorder, run, type World } from './notifier.fixture.ts';

describe('a running notifier', () => {
  it('polls, delivers at once, and ends when it is stopped', { timeout: 600_000 }, async () => {
    await using db = await notifierDatabase();
    const w: World = { affected: { A: ['m'] }, states: { u: [{ run: run(1, 0), names: {} }] } };
    const target = recorder();
    const stop = new AbortController();
    const running = notifierOf(db, w, { transports: [target], settings: { pollInterval: 50 } }).run(
      stop.signal,
    );
    await sleep(300);
    assert.equal(target.got.length, 0);
    w.states.u!.push({ run: run(1, 1), names: { A: 'High' } });
    for (let n = 0; n < 300 && target.got.length === 0; n++) await sleep(10);
    stop.abort(new Error('stopping'));
    await running;
    assert.equal(target.got.length, 1);
  });

  it('goes on after failures of what it asks', { timeout: 600_000 }, async () => {
    await using db = await notifierDatabase();
    const stop = new AbortController();
    let asked = 0;
    const runs = {
      runs: async () => {
        asked++;
        throw new Error('away');
      },
      async *changes() {},
    };
    const running = notifierOf(db, { states: {}, affected: {} }, { runs }).run(stop.signal);
    for (let n = 0; n < 300 && asked === 0; n++) await sleep(10);
    stop.abort(new Error('stopping'));
    await running;
    assert.equal(asked, 1, 'and not in a busy loop');
  });
});
