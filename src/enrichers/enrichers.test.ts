import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { Enricher } from '../contract/enricher.ts';
import { type CannedAnswer, type FakeUpstream, fakeUpstream } from '../feeds/upstream.fixture.ts';
import type { Enrichment } from '../model/advisory.ts';
import { cvss } from './cvss/feed.ts';
import { epss } from './epss/feed.ts';
import { enrichers } from './index.ts';
import { kev } from './kev/feed.ts';

async function load(enricher: Enricher, { context }: FakeUpstream, config: unknown, fingerprint = '') {
  const fetched = await enricher.fetch(fingerprint, config, context);
  if (fetched === 'unchanged') return fetched;
  const records: Enrichment[] = [];
  for await (const each of fetched.records) records.push(each);
  return { fingerprint: fetched.fingerprint, prefixes: fetched.prefixes, records };
}

/** As `load`, where there must be news. */
async function records(enricher: Enricher, upstream: FakeUpstream, config: unknown): Promise<Enrichment[]> {
  const loaded = await load(enricher, upstream, config);
  assert.ok(loaded !== 'unchanged');
  return loaded.records;
}

it('are known by the names and types of Clair', () => {
  assert.deepEqual(
    enrichers.filter(({ name }) => name.startsWith('clair.')).map(({ name, type }) => [name, type]),
    [
      [
        'clair.cvss',
        'message/vnd.clair.map.vulnerability; enricher=clair.cvss schema=https://csrc.nist.gov/schema/nvd/api/2.0/cve_api_json_2.0.schema',
      ],
      ['clair.epss', 'message/vnd.clair.map.vulnerability; enricher=clair.epss schema=none'],
      ['clair.kev', 'message/vnd.clair.map.vulnerability; enricher=clair.kev schema=none'],
    ],
  );
});

describe('clair.cvss', () => {
  const ROOT = 'https://nvd.example/';
  const config = { feed_root: ROOT };
  const now = new Date('2004-06-01T00:00:00Z');
  const metric = (version: string, type = 'Primary') => ({
    type,
    source: 'x',
    cvssData: { version, vectorString: type },
  });
  const entry = (id: string, metrics: unknown, vulnStatus = 'Analyzed') => ({
    cve: { id, vulnStatus, metrics },
  });

  function upstreamOf(years: Record<number, unknown[]>): FakeUpstream {
    const table: Record<string, CannedAnswer | string | Buffer> = {};
    for (const [year, vulnerabilities] of Object.entries(years)) {
      for (const [name, content] of fileOf(year, vulnerabilities)) table[name] = content;
    }
    return fakeUpstream(table, now);
  }

  /** A year's `.meta` and its content. */
  function fileOf(year: string, vulnerabilities: unknown[]): [url: string, content: string | Buffer][] {
    const text = JSON.stringify({ format: 'NVD_CVE', vulnerabilities });
    return [
      [
        `${ROOT}nvdcve-2.0-${year}.meta`,
        `lastModifiedDate:x\r\nsize:1\r\nsha256:${hash('sha256', text)}\r\n`,
      ],
      [`${ROOT}nvdcve-2.0-${year}.json.gz`, gzipSync(text)],
    ];
  }

  const one = (id: string) => [entry(id, { cvssMetricV31: [metric('3.1')] })];
  const three = { 2002: one('CVE-2002-0001'), 2003: one('CVE-2003-0001'), 2004: one('CVE-2004-0001') };

  it('gives the records of all years', async () => {
    const upstream = upstreamOf(three);
    const loaded = await load(cvss, upstream, config);
    const data = { version: '3.1', vectorString: 'Primary' };
    assert.ok(loaded !== 'unchanged');
    const known = Object.entries(JSON.parse(loaded.fingerprint));
    assert.deepEqual(
      known.map(([year]) => year),
      ['2002', '2003', '2004'],
    );
    for (const [, sha256] of known) assert.match(String(sha256), /^[0-9A-F]{64}$/);
    assert.deepEqual(loaded, {
      fingerprint: loaded.fingerprint,
      prefixes: undefined,
      records: ['CVE-2002-0001', 'CVE-2003-0001', 'CVE-2004-0001'].map((tag) => ({ tag, data })),
    });
    assert.deepEqual(upstream.problems, []);
    assert.equal(upstream.open(), 0);
  });

  const choices: [what: string, metrics: unknown, want: string | undefined][] = [
    [
      'the primary one of 3.1',
      { cvssMetricV31: [metric('a', 'Secondary'), metric('b'), metric('c')], cvssMetricV30: [metric('d')] },
      'b',
    ],
    [
      'that of 3.0 if 3.1 has none',
      { cvssMetricV31: [metric('a', 'Secondary')], cvssMetricV30: [metric('d')] },
      'd',
    ],
    ['no secondary one', { cvssMetricV31: [metric('a', 'Secondary')] }, undefined],
    ['neither 2.0 nor 4.0', { cvssMetricV2: [metric('a')], cvssMetricV40: [metric('b')] }, undefined],
    ['none', {}, undefined],
    ['no metrics', undefined, undefined],
  ];
  for (const [what, metrics, want] of choices) {
    it(`takes ${what}`, async () => {
      const found = await records(cvss, upstreamOf({ 2002: [entry('CVE-2002-0001', metrics)] }), config);
      assert.deepEqual(
        found.map(({ data }) => (data as { version: string }).version),
        want ? [want] : [],
      );
    });
  }

  it('leaves out what was rejected', async () => {
    const rejected = entry('CVE-2002-0001', { cvssMetricV31: [metric('3.1')] }, 'Rejected');
    assert.deepEqual(await records(cvss, upstreamOf({ 2002: [rejected] }), config), []);
  });

  it('is unchanged while the checksums are', async () => {
    const upstream = upstreamOf(three);
    const first = await load(cvss, upstream, config);
    assert.ok(first !== 'unchanged');
    upstream.requests.length = 0;
    assert.equal(await load(cvss, upstream, config, first.fingerprint), 'unchanged');
    assert.deepEqual(
      upstream.requests.filter((line) => !line.endsWith('.meta')),
      [],
    );
  });

  it('reads the years that changed', async () => {
    const upstream = upstreamOf(three);
    const first = await load(cvss, upstream, config);
    assert.ok(first !== 'unchanged');
    upstream.requests.length = 0;
    for (const [url, content] of fileOf('2003', one('CVE-2003-0002'))) upstream.answers.set(url, content);
    const second = await load(cvss, upstream, config, first.fingerprint);
    assert.ok(second !== 'unchanged');
    assert.deepEqual(second.prefixes, ['CVE-2003-']);
    assert.deepEqual(
      second.records.map(({ tag }) => tag),
      ['CVE-2003-0002'],
    );
    assert.deepEqual(
      upstream.requests.filter((line) => !line.endsWith('.meta')),
      ['HEAD', 'GET'].map((method) => `${method} ${ROOT}nvdcve-2.0-2003.json.gz`),
    );
    upstream.answers.delete(`${ROOT}nvdcve-2.0-2002.meta`);
    const third = await load(cvss, upstream, config, second.fingerprint);
    assert.ok(third !== 'unchanged');
    assert.deepEqual(third.prefixes, ['CVE-19', 'CVE-2000-', 'CVE-2001-', 'CVE-2002-']);
    assert.deepEqual(third.records, []);
  });

  const halfRead: [what: string, files: [url: string, content: string | Buffer][]][] = [
    ['a record in it could not be read', fileOf('2003', [null])],
    ['it has a record of another year', fileOf('2003', one('CVE-2002-0009'))],
    ['its .meta speaks of another file', [[`${ROOT}nvdcve-2.0-2003.meta`, `sha256:${'b'.repeat(64)}`]]],
  ];
  for (const [what, files] of halfRead) {
    it(`reads a year again if ${what}`, async () => {
      const upstream = upstreamOf(three);
      for (const [url, content] of files) upstream.answers.set(url, content);
      const first = await load(cvss, upstream, config);
      assert.ok(first !== 'unchanged');
      assert.ok(first.records.every(({ tag }) => tag !== 'CVE-2002-0009'));
      assert.equal(upstream.problems.length, 1);
      const second = await load(cvss, upstream, config, first.fingerprint);
      assert.ok(second !== 'unchanged');
      assert.deepEqual(second.prefixes, ['CVE-2003-']);
      assert.equal(upstream.problems.length, 2);
    });
  }

  it('goes on without a year that is not there', async () => {
    const upstream = upstreamOf({ 2002: three[2002], 2003: three[2003] });
    upstream.answers.delete(`${ROOT}nvdcve-2.0-2002.json.gz`);
    const first = await load(cvss, upstream, config);
    assert.ok(first !== 'unchanged');
    assert.deepEqual(
      first.records.map(({ tag }) => tag),
      ['CVE-2003-0001'],
    );
    assert.deepEqual(
      upstream.problems.map(({ where }) => where),
      [`${ROOT}nvdcve-2.0-2004.meta`, `${ROOT}nvdcve-2.0-2002.json.gz`],
    );
    assert.equal(await load(cvss, upstream, config, first.fingerprint), 'unchanged');
  });

  it('keeps the other records if one cannot be read', async () => {
    const upstream = upstreamOf({
      2002: [
        ...one('CVE-2002-0001'),
        null,
        entry('CVE-2002-0002', { cvssMetricV31: [{ type: 'Primary' }] }),
        ...one('CVE-2002-0003'),
      ],
    });
    const found = await records(cvss, upstream, config);
    assert.deepEqual(
      found.map(({ tag }) => tag),
      ['CVE-2002-0001', 'CVE-2002-0003'],
    );
    assert.deepEqual(
      upstream.problems.slice(2).map(({ where }) => where),
      ['1', '2.cve.metrics.cvssMetricV31.0.cvssData'].map(
        (at) => `${ROOT}nvdcve-2.0-2002.json.gz: vulnerabilities.${at}`,
      ),
    );
  });

  const failures: [what: string, url: string, answer: CannedAnswer | string | Buffer | undefined][] = [
    ['a failing server', 'nvdcve-2.0-2003.meta', { status: 503 }],
    ['no answer', 'nvdcve-2.0-2003.meta', undefined],
    ['a page instead of a checksum', 'nvdcve-2.0-2003.meta', '<html>'],
    ['a page instead of a year', 'nvdcve-2.0-2003.json.gz', '<html>'],
    [
      'a year that is cut short',
      'nvdcve-2.0-2003.json.gz',
      gzipSync('{"vulnerabilities":[]}').subarray(0, -3),
    ],
    ['a year that breaks off', 'nvdcve-2.0-2003.json.gz', gzipSync('{"vulnerabilities":[')],
  ];
  for (const [what, url, answer] of failures) {
    it(`fails on ${what}: the last good data is better`, async () => {
      const upstream = upstreamOf(three);
      upstream.answers.set(`${ROOT}${url}`, answer);
      await assert.rejects(load(cvss, upstream, config), { code: 'feed' });
    });
  }

  it('fails where there is nothing', async () => {
    await assert.rejects(load(cvss, fakeUpstream({}, now), config), { code: 'feed', message: /feed_root/ });
  });
});

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

describe('clair.kev', () => {
  const url = 'https://kev.example/kev.json';
  const config = { feed_root: url };
  const entry = {
    cveID: 'CVE-2020-0001',
    vendorProject: 'Vendor',
    product: 'Product',
    vulnerabilityName: 'Hole',
    dateAdded: '2021-01-01',
    shortDescription: 'There is a hole.',
    requiredAction: 'Close it.',
    dueDate: '2021-02-01',
    knownRansomwareCampaignUse: 'Known',
    cwes: [],
  };
  const from = (vulnerabilities: unknown) =>
    fakeUpstream({
      [url]: {
        headers: { 'last-modified': 'today' },
        body: JSON.stringify({ catalogVersion: '2021.01.01', vulnerabilities }),
      },
    });

  it('gives a record for each entry', async () => {
    assert.deepEqual(await load(kev, from([entry]), config), {
      fingerprint: 'today',
      prefixes: undefined,
      records: [
        {
          tag: 'CVE-2020-0001',
          data: {
            cve: 'CVE-2020-0001',
            vulnerability_name: 'Hole',
            catalog_version: '2021.01.01',
            date_added: '2021-01-01',
            short_description: 'There is a hole.',
            required_action: 'Close it.',
            due_date: '2021-02-01',
            known_ransomware_campaign_use: 'Known',
          },
        },
      ],
    });
  });

  it('takes its URL from either key', async () => {
    assert.equal((await records(kev, from([entry]), { feed: url })).length, 1);
    await assert.rejects(load(kev, from([]), { feed: 'x' }), {
      code: 'bad-config',
      message: /clair\.kev\.feed/,
    });
  });

  it('is unchanged where the server says so', async () => {
    assert.equal(await load(kev, from([entry]), config, 'today'), 'unchanged');
  });

  it('keeps the other entries if one cannot be read', async () => {
    const upstream = from([entry, null, { ...entry, cveID: 'x' }, { cveID: 'CVE-2020-0002' }]);
    assert.deepEqual(
      (await records(kev, upstream, config)).map(({ tag }) => tag),
      ['CVE-2020-0001', 'CVE-2020-0002'],
    );
    assert.deepEqual(
      upstream.problems.map(({ where }) => where),
      ['vulnerabilities.1', 'vulnerabilities.2.cveID'],
    );
  });

  for (const answer of ['<html>', '[]', '{"vulnerabilities":[]}', { status: 500 }]) {
    it(`refuses ${JSON.stringify(answer)}`, async () => {
      await assert.rejects(load(kev, fakeUpstream({ [url]: answer }), config), { code: 'feed' });
    });
  }
});
