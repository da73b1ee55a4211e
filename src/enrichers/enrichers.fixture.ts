/** For tests: what an enricher makes of an upstream. */
import assert from 'node:assert/strict';
import type { Enricher } from '../contract/enricher.ts';
import type { FakeUpstream } from '../feeds/upstream.fixture.ts';
import type { Enrichment } from '../model/advisory.ts';

export async function load(enricher: Enricher, { context }: FakeUpstream, config: unknown, fingerprint = '') {
  const fetched = await enricher.fetch(fingerprint, config, context);
  if (fetched === 'unchanged') return fetched;
  const records: Enrichment[] = [];
  for await (const each of fetched.records) records.push(each);
  return { fingerprint: fetched.fingerprint, prefixes: fetched.prefixes, records };
}

/** As `load`, where there must be news. */
export async function records(
  enricher: Enricher,
  upstream: FakeUpstream,
  config: unknown,
): Promise<Enrichment[]> {
  const loaded = await load(enricher, upstream, config);
  assert.ok(loaded !== 'unchanged');
  return loaded.records;
}
