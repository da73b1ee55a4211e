import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fakeUpstream } from '../../feeds/upstream.fixture.ts';
import type { Enrichment } from '../../model/advisory.ts';
import { type Standing, type Support, standingOf } from '../../model/lifecycle.ts';
import { NO_DISTRIBUTION } from '../../model/package.ts';
import { endOfLife } from './feed.ts';
import { PRODUCTS, releaseOf } from './releases.ts';
import { TABLE } from './table.ts';

const URL = 'https://eol.example/api/v1/products/full';

async function load(document: unknown) {
  const body = typeof document === 'string' ? document : JSON.stringify(document);
  const upstream = fakeUpstream({ [URL]: body });
  const fetched = await endOfLife.fetch('', { url: URL }, upstream.context);
  assert.ok(fetched !== 'unchanged');
  const records: Enrichment[] = [];
  for await (const each of fetched.records) records.push(each);
  return { records, problems: upstream.problems };
}

describe('the feed endoflife', () => {
  it('takes the dates of the products that reports name, in the shape of API v1', async () => {
    const { records, problems } = await load({
      schema_version: '1.2.0',
      total: 3,
      result: [
        {
          name: 'debian',
          label: 'Debian',
          releases: [
            { name: '12', codename: 'Bookworm', isEol: false, eolFrom: '2026-06-10', eoesFrom: '2028-06-30' },
            { name: '99', isEol: false, eolFrom: null },
            { name: '13', eolFrom: 'soon' },
          ],
        },
        { name: 'iphone', releases: [{ name: '1', eolFrom: '2010-06-20' }] },
        { name: 'ubuntu', releases: [{ name: '25.10', eolFrom: '2026-07-09' }] },
        { label: 'nameless' },
      ],
    });
    assert.deepEqual(records, [
      { tag: 'EOL:DEBIAN:12', data: { until: '2026-06-10', extended: '2028-06-30' } },
      { tag: 'EOL:UBUNTU:25.10', data: { until: '2026-07-09' } },
    ]);
    assert.deepEqual(
      problems.map(({ where }) => where),
      ['debian.releases.2.eolFrom', 'result.3'],
    );
  });

  for (const body of ['', '[]', '{"result": 7}', '<html>'])
    it(`refuses ${JSON.stringify(body)}`, () => assert.rejects(load(body), /not a product list/));
});

describe('a distribution', () => {
  for (const [did, version, want] of [
    ['debian', '12', 'debian 12'],
    ['ubuntu', '22.04', 'ubuntu 22.04'],
    ['alpine', '3.19', 'alpine-linux 3.19'],
    ['alpine', 'edge', undefined],
    ['almalinux', '9.3', 'almalinux 9'],
    ['rocky', '8', 'rocky-linux 8'],
    ['rhel', '9', 'rhel 9'],
    ['ol', '8', 'oracle-linux 8'],
    ['amzn', '2018.03', 'amazon-linux 2018.03'],
    ['amzn', '2', 'amazon-linux 2'],
    ['amzn', '2023', 'amazon-linux 2023'],
    ['sles', '15.4', 'sles 15.4'],
    ['sles', '15', undefined],
    ['opensuse-leap', '15.6', 'opensuse 15.6'],
    ['opensuse-leap', '16.0', 'opensuse 16.0'],
    ['fedora', '41', 'fedora 41'],
    ['mageia', '8', 'mageia 8'],
    ['mariner', '1.0.20210127', 'cbl-mariner 1.0'],
    ['sle-micro', '5.3', 'suse-linux-micro 5.3'],
    ['sl-micro', '6.0', 'suse-linux-micro 6.0'],
    ['sled', '15.5', 'sled 15.5'],
    ['openeuler', '22.03-LTS', undefined],
    ['wolfi', '20230201', undefined],
    ['constructor', '1', undefined],
  ] as const) {
    it(`${did} ${version} is ${want ?? 'of no known release'}`, () => {
      const release = releaseOf({ ...NO_DISTRIBUTION, did, versionId: version });
      assert.equal(release && `${release.product} ${release.cycle}`, want);
    });
  }
});

describe('the table of ends', () => {
  it('has days only, each after the one before, of products that are asked for', () => {
    for (const [product, cycles] of TABLE) {
      assert.ok(PRODUCTS.has(product), product);
      for (const [cycle, { until = '', extended }] of cycles) {
        const days = [until, ...extended.map((each) => each.until)];
        for (const day of days)
          assert.equal(new Date(day).toISOString().slice(0, 10), day, `${product} ${cycle}`);
        assert.deepEqual(days, [...new Set(days)].sort(), `${product} ${cycle}`);
      }
    }
  });
});

describe('support', () => {
  const debian: Support = { until: '2026-06-10', extended: [{ name: 'LTS', until: '2028-06-30' }] };
  const alpine: Support = { until: '2025-11-01', extended: [] };
  const cases: [what: string, support: Support, day: string, want: Standing][] = [
    ['before its end', debian, '2026-06-09', 'supported'],
    ['on its last day', debian, '2026-06-10', 'supported'],
    ['after it, with an extension', debian, '2026-06-11', 'extended'],
    ['on the last day of the extension', debian, '2028-06-30', 'extended'],
    ['after that', debian, '2028-07-01', 'ended'],
    ['after it, without an extension', alpine, '2025-11-02', 'ended'],
    ['without a date', { extended: [] }, '2999-01-01', 'supported'],
  ];
  for (const [what, support, day, want] of cases)
    it(`${what}: ${want}`, () => assert.equal(standingOf(support, day), want));
});
