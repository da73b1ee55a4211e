import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { configSchema } from '../../config/schema.ts';
import type { Feed } from '../../contract/feed.ts';
import type { Database } from '../../db/database.ts';
import { advisory, matcherDatabase, noHttp, toyEcosystem, toyFeed } from '../../matcher/matcher.fixture.ts';
import { createMatcher, type Matcher } from '../../matcher/matcher.ts';
import type { Progress } from '../terminal/progress.ts';
import { type UpdatePolicy, updateFeeds } from './update-feeds.ts';

const HOUR = 3_600_000;

describe('feeds before a scan', () => {
  const open = new AsyncDisposableStack();
  let db: Database;
  before(async () => {
    db = open.use(await matcherDatabase());
  });
  after(() => open.disposeAsync());

  const config = configSchema.parse({});
  let asked: string[] = [];
  let notes: string[] = [];
  const progress: Progress = { show() {}, note: (text) => notes.push(text), clear() {} };
  const signal = AbortSignal.timeout(60_000);

  /** A feed that counts how often it is asked. */
  function feed(name: string, fails = false): Feed {
    const inner = toyFeed(name, { records: [advisory(name, `CVE-${name}`)], fingerprint: '1' });
    return {
      ...inner,
      async fetch(...args) {
        asked.push(name);
        if (fails) throw new Error('upstream is gone');
        return inner.fetch(...args);
      },
    };
  }

  function matcherOf(sets: Record<string, readonly Feed[]>): Matcher {
    const ecosystems = Object.entries(sets).map(([set, feeds]) => toyEcosystem(feeds, set));
    const indexer = { indexReport: async () => undefined };
    return createMatcher({ db, ecosystems, enrichers: [], indexer, now: () => new Date(), http: noHttp });
  }

  async function updated(matcher: Matcher, policy: UpdatePolicy = 'auto', stop = signal): Promise<string[]> {
    [asked, notes] = [[], []];
    await updateFeeds(matcher, { config, policy, progress, signal: stop });
    return asked.sort();
  }

  /** Everything was asked that much earlier. */
  async function age(hours: number): Promise<void> {
    for (const table of ['feed', 'feed_set']) {
      const text = `update ${table} set last_attempt = last_attempt - $1::float8 * interval '1 hour'`;
      await db.query({ text, values: [hours] });
    }
  }

  it('asks what was never asked, and then not for a period', async () => {
    const matcher = matcherOf({ a: [feed('a1'), feed('a2')] });
    assert.deepEqual(await updated(matcher, 'never'), []);
    assert.deepEqual(await updated(matcher), ['a1', 'a2']);
    assert.deepEqual(await updated(matcher), []);
    assert.deepEqual(await updated(matcher, 'always'), ['a1', 'a2']);
    await age(config.matcher.period / HOUR - 0.5);
    assert.deepEqual(await updated(matcher), []);
    await age(1);
    assert.deepEqual(await updated(matcher), ['a1', 'a2']);
  });

  it('asks when a set is new', async () => {
    const matcher = matcherOf({ a: [feed('a1'), feed('a2')], b: [feed('b1')] });
    assert.deepEqual(await updated(matcher), ['a1', 'a2', 'b1']);
    assert.deepEqual(await updated(matcher), []);
  });

  it('asks again where the last time was cut short', async () => {
    const stop = new AbortController();
    const endless: Feed = {
      ...feed('c2'),
      fetch: () =>
        new Promise((_, reject) => {
          stop.signal.addEventListener('abort', () => reject(stop.signal.reason));
          stop.abort(new Error('interrupted'));
        }),
    };
    await assert.rejects(
      updated(matcherOf({ c: [feed('c1'), endless] }), 'auto', stop.signal),
      /interrupted/,
    );
    assert.deepEqual(await updated(matcherOf({ c: [feed('c1'), feed('c2')] })), ['c1', 'c2']);
  });

  it('tries a feed that failed again after an hour, and says why it failed', async () => {
    const matcher = matcherOf({
      d: [feed('d1', true), ...['d2', 'd3', 'd4'].map((name) => feed(name, true))],
    });
    assert.deepEqual(await updated(matcher), ['d1', 'd2', 'd3', 'd4']);
    assert.deepEqual(notes, [
      'warning: feed d1 not updated: upstream is gone',
      'warning: feed d2 not updated: upstream is gone',
      'warning: feed d3 not updated: upstream is gone',
      'warning: 1 more feed not updated. List them with "clairctl db status"',
    ]);
    await age(0.5);
    assert.deepEqual(await updated(matcher), []);
    await age(0.6);
    assert.deepEqual(await updated(matcher), ['d1', 'd2', 'd3', 'd4']);
  });

  it('looks at the sets of the configuration alone', async () => {
    const matcher = matcherOf({ a: [feed('a1')], e: [feed('e1')] });
    const options = { config: configSchema.parse({ updaters: { sets: ['e'] } }), progress, signal };
    asked = [];
    await updateFeeds(matcher, { ...options, policy: 'auto' });
    await updateFeeds(matcher, { ...options, policy: 'auto' });
    assert.deepEqual(asked, ['e1']);
  });
});
