/** A report that waits for the first load of its feeds. */
import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import type { Feed } from '../../contract/feed.ts';
import type { Database } from '../../db/database.ts';
import { toWire } from '../../model/index-report-wire.ts';
import {
  advisory,
  indexReport,
  matcherDatabase,
  noHttp,
  TOY_1,
  toyDistribution,
  toyEcosystem,
  toyFeed,
} from '../matcher.fixture.ts';
import { createMatcher, type Matcher } from '../matcher.ts';

const { signal } = new AbortController();
const image = toWire(indexReport([{ name: 'a', version: '1' }]));
const loaded = toyFeed('toy/feed', { records: [advisory('a', 'CVE-2020-0001')] }, [TOY_1]);
const failing: Feed = { ...loaded, fetch: () => Promise.reject(new Error('no network')) };

describe('a report while feeds are loaded for the first time', () => {
  let db: Database;
  const databases = new AsyncDisposableStack();
  beforeEach(async () => {
    db = databases.use(await matcherDatabase());
  });
  after(() => databases.disposeAsync());

  function matcherOf(feeds: () => Promise<readonly Feed[]>, sets: readonly string[] = ['toy']): Matcher {
    return createMatcher({
      db,
      ecosystems: [{ ...toyEcosystem([]), feeds: [{ set: 'toy', feeds }] }],
      enrichers: [],
      indexer: { indexReport: async () => JSON.stringify(image) },
      now: () => new Date('2026-02-03T04:05:06Z'),
      http: noHttp,
      loads: (set) => sets.includes(set),
    });
  }
  const isEarly = async (matcher: Matcher) => (await matcher.matchReport(image)).loading === true;

  it('waits for a set that was never listed, and no longer once it was loaded', async () => {
    const matcher = matcherOf(async () => [loaded]);
    assert.equal(await isEarly(matcher), true);
    await matcher.updateFeeds({ signal });
    assert.equal(await isEarly(matcher), false);
  });

  it('gives a report as soon as the load has failed once, which it tells', async () => {
    const matcher = matcherOf(async () => [failing]);
    await matcher.updateFeeds({ signal });
    assert.equal(await isEarly(matcher), false);
    const report = JSON.parse((await matcher.matchReport(image)).body.toString());
    assert.deepEqual(
      report.incomplete.map(({ kind }: { kind: string }) => kind),
      ['feed-not-loaded'],
    );
  });

  it('does the same where the set cannot be listed', async () => {
    const matcher = matcherOf(() => Promise.reject(new Error('no list')));
    await matcher.updateFeeds({ signal });
    assert.equal(await isEarly(matcher), false);
  });

  it('waits for no set that it does not load', async () =>
    assert.equal(await isEarly(matcherOf(async () => [loaded], [])), false));

  it('waits for no feed that its image does not need', async () => {
    const matcher = matcherOf(async () => [loaded]);
    const other = { ...toyDistribution('9'), did: 'other' };
    const { loading } = await matcher.matchReport(toWire(indexReport([{ name: 'a', version: '1' }], other)));
    assert.equal(loading, undefined);
  });

  it('keeps no early report', async () => {
    const matcher = matcherOf(async () => [loaded]);
    const { manifest_hash: digest } = image;
    assert.equal((await matcher.vulnerabilityReport(digest as never))?.loading, true);
    await matcher.updateFeeds({ signal });
    assert.equal((await matcher.vulnerabilityReport(digest as never))?.loading, undefined);
  });
});
