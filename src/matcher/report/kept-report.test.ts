/** A report that is kept says of its feeds what is true when it is asked for. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { toWire } from '../../model/index-report-wire.ts';
import { advisory, indexReport, matcherDatabase, noHttp, toyEcosystem, toyFeed } from '../matcher.fixture.ts';
import { createMatcher } from '../matcher.ts';
import type { VulnerabilityReportWire } from './report-wire.ts';

const HOUR = 3_600_000;

it('a kept report does not say ok of a feed that became stale', async () => {
  await using db = await matcherDatabase();
  const image = indexReport([{ name: 'a', version: '1' }]);
  const start = Date.UTC(2026, 1, 3);
  let now = start;
  let written = 0;
  const matcher = createMatcher({
    db,
    ecosystems: [toyEcosystem([toyFeed('toy/feed', { records: [advisory('a', 'CVE-1')] })])],
    enrichers: [],
    indexer: { indexReport: async () => JSON.stringify(toWire(image)) },
    now: () => new Date(now),
    http: noHttp,
  });
  await matcher.updateFeeds({ signal: new AbortController().signal });
  let kept: Buffer | undefined;
  const stateAfter = async (ms: number): Promise<string | undefined> => {
    now = start + ms;
    const { body } = (await matcher.vulnerabilityReport(image.manifestHash))!;
    if (body !== kept) written++;
    kept = body;
    return (JSON.parse(String(body)) as VulnerabilityReportWire).feeds?.[0]?.state;
  };
  assert.deepEqual([await stateAfter(0), await stateAfter(1000), written], ['ok', 'ok', 1], 'it is kept');
  assert.equal(await stateAfter(47 * HOUR), 'ok');
  assert.equal(await stateAfter(49 * HOUR), 'stale');
});
