import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type LogFields, noLog } from '../../lib/log.ts';
import { feedLoop, waitOf } from './feed-loop.ts';
import { createUpdateRequests, updateOnSignal } from './update-requests.ts';
import { type FeedResult, NOTHING, type UpdateOptions } from './update-run.ts';

const NOW = new Date('2026-02-03T04:05:06Z');

function result(state: FeedResult['state'], wait?: number): FeedResult {
  const next = wait === undefined ? {} : { nextTry: new Date(NOW.getTime() + wait) };
  return { ...NOTHING, name: 'toy', kind: 'vulnerability', state, ...next };
}

describe('the feed loop', () => {
  it('updates at once and every period, whatever happens, until it is stopped', async () => {
    const stop = new AbortController();
    const errors: string[] = [];
    const seen: (boolean | undefined)[] = [];
    const updater = {
      async updateFeeds({ onlyDue }: UpdateOptions) {
        seen.push(onlyDue);
        if (seen.length === 2) throw new Error('database gone');
        if (seen.length === 4) stop.abort();
        return [];
      },
    };
    const log = { ...noLog, error: (message: string) => void errors.push(message) };
    await feedLoop(updater, { period: 2, signal: stop.signal, log });
    assert.deepEqual(seen, [true, true, true, true]);
    assert.deepEqual(errors, ['update of the feeds failed']);
  });

  const waits: [what: string, results: FeedResult[], wait: number][] = [
    ['a period where there are no feeds', [], 21_600_000],
    ['until the first feed is due', [result('unchanged', 900_000), result('failed', 300_000)], 300_000],
    ['a little where one is overdue', [result('current', -5)], 10_000],
    ['five minutes for another replica', [result('busy'), result('unchanged', 20_000_000)], 300_000],
    ['a minute where nobody knows', [result('failed')], 60_000],
    ['no longer than a period', [result('unchanged', 99_000_000)], 21_600_000],
  ];
  for (const [what, results, wait] of waits) {
    it(`waits ${what}`, () =>
      assert.equal(
        waitOf(results, NOW, 21_600_000, () => 0),
        wait,
      ));
  }

  it('waits no longer than a timer can', () => {
    assert.equal(
      waitOf([], NOW, 90 * 24 * 3_600_000, () => 0),
      24 * 3_600_000,
    );
  });

  it('does what is asked for, one after the other, and then looks what is due', async () => {
    const stop = new AbortController();
    const requests = createUpdateRequests();
    const seen: [UpdateOptions['only'], boolean | undefined][] = [];
    let atOnce = 0;
    const updater = {
      async updateFeeds({ only, onlyDue }: UpdateOptions) {
        assert.equal(++atOnce, 1);
        seen.push([only, onlyDue]);
        assert.ok(requests.running);
        if (seen.length === 1) {
          requests.request({ sets: ['a'] });
          requests.request({ sets: ['a', 'b'], feeds: ['c'] });
        }
        if (seen.length === 2) setTimeout(() => requests.request(), 5);
        if (seen.length === 4) stop.abort();
        await sleep(1);
        atOnce--;
        return [result('unchanged', 3_600_000)];
      },
    };
    await feedLoop(updater, { period: 20, signal: stop.signal, log: noLog, requests, now: () => NOW });
    assert.deepEqual(seen, [
      [undefined, true],
      [{ sets: ['a', 'b'], feeds: ['c'] }, undefined],
      [undefined, undefined],
      [undefined, true],
    ]);
    assert.equal(requests.running, false);
  });

  it('has a round for each set: one that does not end holds up no other', async () => {
    const stop = new AbortController();
    const rounds: string[] = [];
    const slow = Promise.withResolvers<FeedResult[]>();
    const requests = createUpdateRequests();
    const updater = {
      knownSets: () => ['fast', 'off', 'slow'],
      async updateFeeds({ sets = [], only, shared, retention }: UpdateOptions) {
        rounds.push(`${sets.join()}${only ? ' asked' : ''}${retention ? ' old runs' : ''}`);
        if (sets.length > 0) assert.ok(shared);
        if (sets.includes('slow')) return await slow.promise;
        if (rounds.filter((round) => round === 'fast').length === 3 && !rounds.includes('fast asked'))
          requests.request({ sets: ['fast'] });
        if (rounds.includes('fast asked')) {
          stop.abort();
          slow.resolve([]);
        }
        return [result('failed', 300_000)];
      },
    };
    const options = {
      period: 5,
      sets: ['fast', 'slow'],
      retention: 2,
      signal: stop.signal,
      log: noLog,
      requests,
    };
    await feedLoop(updater, options);
    assert.deepEqual(
      rounds.filter((round) => round.includes('slow')),
      ['slow'],
    );
    assert.ok(rounds.includes(' old runs'));
    assert.ok(!rounds.some((round) => round.includes('off')));
  });

  it('tells each set when it is done, and all of them once the last has come to rest', async () => {
    const stop = new AbortController();
    const told: [string, LogFields | undefined][] = [];
    const last = Promise.withResolvers<void>();
    const updater = {
      knownSets: () => ['first', 'last'],
      async updateFeeds({ sets = [] }: UpdateOptions) {
        if (sets[0] === 'last') await last.promise;
        return [result(sets[0] === 'last' ? 'updated' : 'unchanged')];
      },
    };
    const log = {
      ...noLog,
      info(message: string, fields?: LogFields) {
        told.push([message, fields]);
        if (fields?.set === 'first') last.resolve();
        if (message === 'feeds updated') stop.abort();
      },
    };
    await feedLoop(updater, { period: 60_000, signal: stop.signal, log });
    const none = { updated: 0, unchanged: 0, failed: [], busy: 0, current: 0 };
    assert.deepEqual(told, [
      ['feed set updated', { set: 'first', ...none, unchanged: 1 }],
      ['feed set updated', { set: 'last', ...none, updated: 1 }],
      ['feeds updated', { ...none, updated: 1, unchanged: 1 }],
    ]);
  });

  it('is woken by SIGUSR1', async () => {
    const requests = createUpdateRequests();
    using _listening = updateOnSignal(requests);
    const next = requests.listen().next(60_000, new AbortController().signal);
    process.kill(process.pid, 'SIGUSR1');
    assert.deepEqual(await next, { only: undefined });
  });

  it('warns of settings that do not do what they seem to', async () => {
    const warnings: unknown[] = [];
    const log = { ...noLog, warn: (_: string, fields?: LogFields) => void warnings.push(fields?.reason) };
    const stop = new AbortController();
    stop.abort();
    const options = {
      period: 1,
      signal: stop.signal,
      log,
      sets: ['debian', 'debain', 'clair.cvss'],
      filter: 'x',
    };
    await feedLoop({ updateFeeds: async () => [], knownSets: () => ['debian', 'osv'] }, options);
    assert.deepEqual(warnings, [
      'updaters.sets: there is no set "debain": nothing is updated for it (there are: debian osv)',
      'updaters.filter has no effect, as in Clair: choose by updaters.sets',
    ]);
  });
});
