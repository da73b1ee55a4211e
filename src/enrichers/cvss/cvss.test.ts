import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type CannedAnswer, type FakeUpstream, fakeUpstream } from '../../feeds/upstream.fixture.ts';
import { load, records } from '../enrichers.fixture.ts';
import { cvss } from './feed.ts';

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
