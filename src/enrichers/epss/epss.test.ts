import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { fakeUpstream } from '../../feeds/upstream.fixture.ts';
import { load, records } from '../enrichers.fixture.ts';
import { epss } from './feed.ts';

describe('clair.epss', () => {
  const url = 'https://epss.example/scores.csv.gz';
  const config = { url };
  const HEAD = '#model_version:v2025.03.14,score_date:2025-06-15T12:55:00Z\ncve,epss,percentile\n';
  const from = (text: string, etag = '"1"') =>
    fakeUpstream({ [url]: { headers: { etag }, body: gzipSync(text) } });

  it('gives a record for each line', async () => {
    const loaded = await load(
      epss,
      from(`${HEAD}CVE-2020-0001,0.81100,0.76774\nCVE-2020-0002,1e-05,0\n`),
      config,
    );
    const about = { modelVersion: 'v2025.03.14', date: '2025-06-15T12:55:00Z' };
    assert.deepEqual(loaded, {
      fingerprint: '"1"',
      prefixes: undefined,
      records: [
        { tag: 'CVE-2020-0001', data: { ...about, cve: 'CVE-2020-0001', epss: 0.811, percentile: 0.76774 } },
        { tag: 'CVE-2020-0002', data: { ...about, cve: 'CVE-2020-0002', epss: 0.00001, percentile: 0 } },
      ],
    });
  });

  it('goes by the names of the columns, with any line ends', async () => {
    const text = '#score_date:d,model_version:m\r\npercentile,x,cve,epss\r\n0.5,?,cve-2020-0001,0.25';
    const data = { modelVersion: 'm', date: 'd', cve: 'CVE-2020-0001', epss: 0.25, percentile: 0.5 };
    assert.deepEqual(await records(epss, from(text), config), [{ tag: 'CVE-2020-0001', data }]);
  });

  it('keeps the other lines if one cannot be read', async () => {
    const upstream = from(
      `${HEAD}CVE-2020-0001,0.1,0.2\nx,0.1,0.2\nCVE-2020-0002,,0.2\nCVE-2020-0003,NaN,0.2\n\nCVE-2020-0004,0.1\nCVE-2020-0005,0.1,0.2\nCVE-2020-0006,1e999,0.2\nCVE-2020-0007,0.1,1.5\n`,
    );
    const tags = (await records(epss, upstream, config)).map(({ tag }) => tag);
    assert.deepEqual(tags, ['CVE-2020-0001', 'CVE-2020-0005']);
    assert.deepEqual(
      upstream.problems.map(({ where }) => where),
      [4, 5, 6, 8, 10, 11].map((line) => `${url}: line ${line}`),
    );
  });

  it('is unchanged while the ETag is, whoever compares it', async () => {
    const upstream = from(HEAD);
    assert.equal(await load(epss, upstream, config, '"1"'), 'unchanged');
    const deaf = {
      ...upstream,
      context: { ...upstream.context, request: (to: string) => upstream.context.request(to) },
    };
    assert.equal(await load(epss, deaf, config, '"1"'), 'unchanged');
    assert.equal(upstream.open(), 0);
  });

  it('asks for the scores of yesterday', async () => {
    for (const [now, date] of [
      ['2026-03-01T00:00:00Z', '2026-02-28'],
      ['2026-01-01T23:59:59Z', '2025-12-31'],
    ] as const) {
      const upstream = fakeUpstream({}, new Date(now));
      await assert.rejects(load(epss, upstream, {}), { code: 'feed', message: /404/ });
      assert.deepEqual(upstream.requests, [
        `GET https://epss.empiricalsecurity.com/epss_scores-${date}.csv.gz`,
        `GET https://epss.cyentia.com/epss_scores-${date}.csv.gz`,
      ]);
    }
  });

  for (const text of [
    '',
    '<html>',
    'cve,epss,percentile\nCVE-2020-0001,1,1\n',
    '#model_version:a,score_date:b\n',
    '#model_version:a,score_date:b\ncve,epss\n',
    `${HEAD}${'x'.repeat(100_000)}`,
  ]) {
    it(`refuses ${JSON.stringify(text.slice(0, 60))}`, async () => {
      await assert.rejects(load(epss, from(text), config), { code: 'feed' });
    });
  }

  it('takes any text', async () => {
    const odd = fc.string({
      unit: fc.constantFrom('CVE-2020-0001', ',', '0.1', '\n', '\r', '#', 'cve', '"'),
    });
    await fc.assert(
      fc.asyncProperty(odd, async (text) => void (await load(epss, from(HEAD + text), config))),
      { numRuns: 50 },
    );
  });
});
