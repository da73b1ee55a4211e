import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { z } from 'zod';
import * as fleet from '../../../model/api/console/fleet.ts';
import * as images from '../../../model/api/console/images.ts';
import type {
  ConsoleCoverage,
  ConsoleCves,
  ConsoleFindings,
  ConsoleImageCounts,
  ConsoleImageDetail,
  ConsoleImages,
  ConsolePackages,
  CveImages,
  FleetPackages,
  Overview,
  SearchHits,
} from '../../../model/api/console/types.ts';
import { advisory, text, toyEnricher } from '../../matcher.fixture.ts';
import { digestOf, ToyConsole } from '../console.fixture.ts';
import { type Served, serveToy } from './serving.fixture.ts';

const BASE = [`sha256:${'1'.repeat(64)}`];
const OWN = [...BASE, `sha256:${'2'.repeat(64)}`];

describe('the views of the console', () => {
  let toy: ToyConsole;
  let served: Served;
  before(async () => {
    toy = await ToyConsole.open(
      [
        advisory('openssl', 'CVE-2026-1', {
          below: '2',
          vulnerability: text('CVE-2026-1', {
            normalizedSeverity: 'Critical',
            aliases: ['GHSA-aaaa-bbbb-cccc'],
            description: 'A hole. It is deep.',
            links: 'https://example.com/1 javascript:alert(1)',
          }),
        }),
        advisory('openssl', 'CVE-2026-5', { below: '1.5' }),
        advisory('curl', 'CVE-2026-2', { below: '9' }),
        advisory('curl', 'CVE-2026-3', {
          vulnerability: text('CVE-2026-3', { normalizedSeverity: 'Low' }),
        }),
        advisory('ghost', 'CVE-2026-9'),
      ],
      [toyEnricher('clair.epss', { records: [] })],
    );
    toy.index(1, {
      packages: [{ name: 'curl', version: '8' }],
      names: ['r.example.com/base:1'],
      layers: BASE,
    });
    toy.now = new Date('2026-11-30T12:30:00Z');
    toy.index(2, {
      packages: [
        { name: 'openssl', version: '1' },
        { name: 'libcurl', version: '8', source: { name: 'curl', version: '8' } },
        { name: '=cmd', version: '1' },
      ],
      names: ['r.example.com/shop/checkout-api:4.18.2'],
      labels: { env: 'prod' },
      layers: OWN,
    });
    toy.index(3, { packages: [{ name: 'openssl', version: '3' }], labels: { env: 'test' } });
    toy.index(4, { packages: [], failed: 'layer is no archive' });
    for (let n = 10; n < 40; n++)
      toy.index(n, { packages: [{ name: 'curl', version: `8.${n}` }], layers: [digestOf(n)] });
    await toy.keepUp();
    served = await serveToy(toy);
  });
  after(async () => {
    await served[Symbol.asyncDispose]();
    await toy[Symbol.asyncDispose]();
  });

  const two = `images/${digestOf(2)}`;
  const schemas: [path: string, schema: z.ZodType][] = [
    ['overview', fleet.Overview],
    ['overview?tags=all&since=7d', fleet.Overview],
    ['trend', fleet.Trend],
    ['images', images.ConsoleImages],
    [
      'images?tags=all&sort=name&q=checkout&label=env:prod&exploited=0&incomplete=0&changed=1d',
      images.ConsoleImages,
    ],
    ['image-counts?tags=all&q=checkout&label=env:prod&failed=1&changed=1d', images.ConsoleImageCounts],
    [two, images.ConsoleImageDetail],
    ['image-by-name?name=r.example.com/shop/checkout-api', images.ConsoleImageDetail],
    [`${two}/packages`, images.ConsolePackages],
    [`${two}/findings?severity=Critical,High&fix=yes&decided=show&sort=-epss`, images.ConsoleFindings],
    [`${two}/coverage`, images.ConsoleCoverage],
    ['cves', fleet.ConsoleCves],
    [
      'cves?tags=all&q=openssl&severity=Critical&fix=yes&act_now=0&since=2026-11-01&sort=first_seen',
      fleet.ConsoleCves,
    ],
    ['cves/CVE-2026-1', fleet.ConsoleCveDetail],
    ['cves/CVE-2026-9', fleet.ConsoleCveDetail],
    ['cves/CVE-2026-1/images', fleet.CveImages],
    ['cves/CVE-2026-1/images?state=not_affected&label=env:test', fleet.CveImages],
    ['cves/CVE-2026-1/images?state=unknown', fleet.CveImages],
    ['packages', fleet.FleetPackages],
    ['packages?q=pkg:toy/openssl', fleet.FleetPackages],
    ['search?q=curl', fleet.SearchHits],
  ];
  for (const [path, schema] of schemas)
    it(`answers ${path} as its schema says`, async () => assert.ok(schema.parse(await served.get(path))));

  it('answers sorts of every list in every order, page by page, each row once', async () => {
    for (const sort of ['risk', 'critical', 'exploited', 'fixable', 'indexed', 'name', 'changed']) {
      for (const sign of ['', '-']) {
        const digests: string[] = [];
        for (let after: string | null = ''; after !== null; ) {
          const path = `images?limit=7&sort=${sign}${sort}${after && `&after=${after}`}`;
          const page: ConsoleImages = await served.get(path);
          digests.push(...page.images.map(({ digest }) => digest));
          after = page.next;
        }
        assert.equal(digests.length, 34, `${sign}${sort}`);
        assert.equal(new Set(digests).size, 34, `${sign}${sort}`);
      }
    }
    for (const sort of ['risk', 'severity', 'epss', 'images', 'id', 'first_seen']) {
      const first: ConsoleCves = await served.get(`cves?limit=3&sort=-${sort}`);
      const second: ConsoleCves = await served.get(`cves?limit=3&sort=-${sort}&after=${first.next}`);
      assert.equal(new Set([...first.cves, ...second.cves].map(({ id }) => id)).size, 4, sort);
    }
  });

  it('finds images by parts of names, labels and digests', async () => {
    for (const q of ['checkout', 'shop api', '4.18', 'prod', digestOf(2), digestOf(2).slice(7, 71)]) {
      const { images: found }: ConsoleImages = await served.get(`images?q=${encodeURIComponent(q)}`);
      assert.ok(
        found.some(({ digest }) => digest === digestOf(2)),
        q,
      );
    }
    assert.deepEqual((await served.get<ConsoleImages>('images?q=nothing')).images, []);
  });

  it('counts for each filter what the list has with it, whatever else is filtered', async () => {
    const filters = { exploited: '1', incomplete: '1', failed: '1', changed: '1d' };
    for (const query of ['', 'tags=all', 'q=checkout', 'label=env:test', 'incomplete=1', 'q=nothing']) {
      const counts: ConsoleImageCounts = await served.get(`image-counts?${query}`);
      for (const [name, value] of Object.entries(filters)) {
        const others = query === `${name}=1` ? '' : query;
        const { total }: ConsoleImages = await served.get(`images?${others}&${name}=${value}`);
        assert.equal(counts.filters[name as keyof typeof filters], total, `${query} ${name}`);
      }
      assert.deepEqual([counts.newest, counts.repositories, counts.manifests], [34, 2, 34]);
      assert.ok(Date.parse(String(counts.loaded)) > 0);
    }
    const { filters: all }: ConsoleImageCounts = await served.get('image-counts');
    assert.deepEqual([all.failed, all.incomplete], [1, 1]);
  });

  it('shows an image that could not be read behind none that is clean', async () => {
    const { images: found }: ConsoleImages = await served.get('images?sort=-risk&limit=200');
    const order = found.map(({ digest }) => digest);
    assert.ok(order.indexOf(digestOf(4)) < order.indexOf(digestOf(3)));
    const failed = found.find(({ digest }) => digest === digestOf(4))!;
    assert.deepEqual(
      [failed.risk, failed.coverage.state, failed.error],
      [null, 'unchecked', 'layer is no archive'],
    );
  });

  it('says what an image was made from, and which upgrades cure most', async () => {
    const image: ConsoleImageDetail = await served.get(two);
    assert.deepEqual(image.base, { digest: digestOf(1), name: 'r.example.com/base:1' });
    assert.deepEqual(
      image.upgrades.map(({ source, version, fixes }) => [source, version, fixes]),
      [['openssl', '2', 2]],
    );
    assert.deepEqual(
      image.layer_list.map(({ base, findings }) => [base, findings]),
      [
        [true, 2],
        [false, 0],
      ],
    );
  });

  it('has counts that are the same in each of its views', async () => {
    const list: ConsoleImages = await served.get('images?limit=200');
    for (const { digest, counts, fixable } of list.images) {
      const sum = Object.values(counts).reduce((a, b) => a + b, 0);
      const { findings }: ConsoleFindings = await served.get(`images/${digest}/findings?limit=200`);
      const { total }: ConsolePackages = await served.get(`images/${digest}/packages`);
      const coverage: ConsoleCoverage = await served.get(`images/${digest}/coverage`);
      assert.deepEqual([findings.length, total.findings], [sum, sum]);
      assert.equal(findings.filter(({ fixed_in }) => fixed_in !== null).length, fixable);
      assert.equal(
        coverage.lines.reduce((a, { packages }) => a + packages, 0),
        coverage.packages,
      );
    }
    const overview: Overview = await served.get('overview');
    const all = list.images.flatMap(({ counts }) => Object.values(counts)).reduce((a, b) => a + b, 0);
    assert.equal(
      overview.open.reduce((a, { findings }) => a + findings, 0),
      all,
    );
    const { cves }: ConsoleCves = await served.get('cves?limit=200');
    assert.equal(
      cves.reduce((a, { findings }) => a + findings, 0),
      all,
    );
  });

  it('tells affected images from those that only have the package', async () => {
    const of = async (state: string) =>
      (await served.get<CveImages>(`cves/GHSA-aaaa-bbbb-cccc/images?state=${state}`)).images;
    assert.deepEqual(
      (await of('affected')).map(({ image, package: name, version }) => [image.digest, name, version]),
      [[digestOf(2), 'openssl', '1']],
    );
    assert.deepEqual(
      (await of('not_affected')).map(({ image }) => image.digest),
      [digestOf(3)],
    );
    assert.deepEqual(
      (await of('unknown')).map(({ image, reason }) => [image.digest, reason]),
      [[digestOf(4), 'the image could not be read']],
    );
    for (const [q, digests, states] of [
      ['checkout', [digestOf(2)], { affected: 1, not_affected: 0, unknown: 0 }],
      ['test', [], { affected: 0, not_affected: 1, unknown: 0 }],
      ['nothing', [], { affected: 0, not_affected: 0, unknown: 0 }],
    ] as const) {
      const found: CveImages = await served.get(`cves/CVE-2026-1/images?q=${q}`);
      assert.deepEqual([found.images.map(({ image }) => image.digest), found.states], [digests, states], q);
    }
    const detail = await served.get<z.output<typeof fleet.ConsoleCveDetail>>('cves/cve-2026-1');
    assert.equal(detail.id, 'CVE-2026-1');
    assert.deepEqual(detail.states, { affected: 1, not_affected: 1, unknown: 1 });
    assert.deepEqual(detail.links, ['https://example.com/1']);
  });

  it('says why a vulnerability counts for an image, and why not', async () => {
    const why = async (n: number) =>
      images.ConsoleWhy.parse(await served.get(`images/${digestOf(n)}/why?cve=GHSA-aaaa-bbbb-cccc`));
    const [affects] = (await why(2)).advisories;
    assert.deepEqual(
      [affects?.feed, affects?.id, affects?.range, affects?.compared, affects?.affects],
      ['toy/1', 'CVE-2026-1', 'below 2', '1 is in that range', true],
    );
    const [not] = (await why(3)).advisories;
    assert.deepEqual([not?.compared, not?.affects], ['3 is outside that range', false]);
    assert.equal((await served.ask(`images/${digestOf(77)}/why?cve=CVE-2026-1`)).status, 404);
  });

  it('knows what no image has, and says that it proves nothing where no feed knows it', async () => {
    const known = await served.get<z.output<typeof fleet.ConsoleCveDetail>>('cves/CVE-2026-9');
    assert.deepEqual([known.images, known.feeds.length], [0, 1]);
    const response = await served.ask('cves/CVE-1999-1');
    assert.equal(response.status, 404);
    const body = fleet.UnknownVulnerability.parse(await response.json());
    assert.equal(body.code, 'unknown-vulnerability');
  });

  it('sums up packages over all images by their source', async () => {
    const { packages }: FleetPackages = await served.get('packages?sort=-images');
    assert.deepEqual(packages.map(({ name, images: count }) => [name, count]).slice(0, 2), [
      ['curl', 32],
      ['openssl', 2],
    ]);
  });

  it('finds each kind of thing', async () => {
    const kinds = async (q: string) =>
      (await served.get<SearchHits>(`search?q=${encodeURIComponent(q)}`)).hits.map(
        ({ kind, id }) => `${kind} ${id}`,
      );
    assert.equal((await kinds('CVE-2026-1'))[0], 'cve CVE-2026-1');
    assert.equal((await kinds('GHSA-aaaa-bbbb-cccc'))[0], 'cve CVE-2026-1');
    assert.ok((await kinds('checkout'))[0]!.startsWith(`image ${digestOf(2)}`));
    assert.ok((await kinds('openssl')).some((hit) => hit.startsWith('package ')));
    assert.deepEqual(await kinds("'; drop table x --"), []);
  });

  it('gives lists as CSV without formulas, and 304 to who has it', async () => {
    const csv = await served.ask('packages', { headers: { accept: 'text/csv' } });
    assert.equal(csv.headers.get('content-type'), 'text/csv');
    const text = await csv.text();
    assert.match(text, /^type,name,versions,images/);
    assert.match(text, /unknown,'=cmd,/);
    const first = await served.ask('images');
    const again = await served.ask('images', {
      headers: { 'if-none-match': String(first.headers.get('etag')) },
    });
    assert.equal(again.status, 304);
  });

  const refused: [path: string, status: number][] = [
    ['images?limit=201', 400],
    ['images?limit=0', 400],
    ['images?sort=digest', 400],
    ['images?severity=High', 400],
    ['images?after=x', 400],
    ['images?q=a&q=b', 400],
    ['overview?since=yesterday', 400],
    [`images/${digestOf(77)}`, 404],
    ['images/sha256:1', 400],
    [`${two}/findings?severity=Worst`, 400],
    ['search?q=', 400],
    ['cves?epss=2', 400],
  ];
  for (const [path, status] of refused)
    it(`answers ${path} with ${status}`, async () => assert.equal((await served.ask(path)).status, status));

  it('shows nothing to who may not look', async () => {
    served.caller = { user: 'mallory', roles: [], auth: 'proxy' };
    for (const path of ['overview', 'images', 'search?q=a', two]) {
      const response = await served.ask(path);
      assert.equal(response.status, 403, path);
      assert.equal(((await response.json()) as { code: string }).code, 'forbidden');
    }
    served.caller = { user: 'ana', roles: ['view'], auth: 'proxy' };
  });
});
