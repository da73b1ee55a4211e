import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Database } from '../../db/database.ts';
import { type Advisory, ANY_MODULE } from '../../model/advisory.ts';
import type { IndexReport } from '../../model/index-report.ts';
import { toWire } from '../../model/index-report-wire.ts';
import {
  advisory,
  indexReport,
  matcherDatabase,
  noHttp,
  TOY_1,
  text,
  toyDistribution,
  toyEcosystem,
  toyEnricher,
  toyFeed,
} from '../matcher.fixture.ts';
import { createMatcher, type Matcher } from '../matcher.ts';
import type { VulnerabilityReportWire } from '../report/report-wire.ts';
import { matchStatement } from '../store/match-all.ts';

const now = () => new Date('2026-02-03T04:05:06Z');
const { signal } = new AbortController();
const CVSS = 'test/clair.cvss';
const SETS = ['toy', 'clair.aaa', 'clair.cvss'];

const RECORDS: Advisory[] = [
  advisory('all', 'CVE-2020-0001'),
  advisory('below', 'CVE-2020-0002', { below: '2.0' }),
  advisory('upto', 'CVE-2020-0003', { upTo: '2.0' }),
  advisory('from', 'CVE-2020-0004', { from: '1.0', below: '2.0' }),
  advisory('ranges', 'CVE-2020-0005', { from: '1', below: '2', fixedInVersion: '' }),
  advisory('ranges', 'CVE-2020-0005', { from: '3', below: '4', fixedInVersion: '' }),
  advisory('cycle', 'CVE-2020-0006', { below: '!2.0' }),
  advisory('broken', 'CVE-2020-0007', { below: 'eighteen oct' }),
  advisory('half', 'CVE-2020-0008', { from: '3', below: 'eighteen oct' }),
  advisory('lower', 'CVE-2020-0016', { from: 'eighteen oct', below: '3' }),
  advisory('lowest', 'CVE-2020-0017', { from: 'eighteen oct' }),
  advisory('arch', 'CVE-2020-0009', { arches: ['x86_64', 'aarch64'], below: '2' }),
  advisory('arch', 'CVE-2020-0010', { arches: ['x86_64'], shownArch: '(x86_64)', below: '2' }),
  advisory('module', 'CVE-2020-0011', { module: 'perl:5.30', below: '2' }),
  advisory('streamless', 'CVE-2020-0016', { module: ANY_MODULE, below: '2' }),
  advisory('source', 'CVE-2020-0012', { kind: 'source', below: '2', shownName: 'Source' }),
  advisory('many', 'GHSA-xxxx', {
    vulnerability: text('GHSA-xxxx', {
      links: 'https://example.com/cve_2020_0013',
      aliases: ['CVE-2020-0014', 'GO-2020-1'],
      normalizedSeverity: 'Low',
      issued: '2020-01-02T03:04:05Z',
    }),
  }),
  advisory('many', 'CVE-2020-0015', {
    vulnerability: text('CVE-2020-0015', { normalizedSeverity: 'Critical' }),
  }),
];

describe('matching', () => {
  let db: Database;
  let matcher: Matcher;
  before(async () => {
    db = await matcherDatabase();
    const scopes = [TOY_1, { key: 'toy:2', distribution: toyDistribution('2') }];
    const toy = toyEcosystem([
      toyFeed('toy/feed', { records: RECORDS }, [TOY_1]),
      {
        ...toyFeed('toy/later', { records: [] }, scopes.slice(1)),
        fetch: () => Promise.reject(new Error('no network')),
      },
    ]);
    const cvss = ['CVE-2020-0001', 'CVE-2020-0013', 'CVE-2020-0014'].map((tag) => ({
      tag,
      data: { cve: tag },
    }));
    matcher = createMatcher({
      db,
      ecosystems: [toy],
      enrichers: [
        toyEnricher('clair.aaa', { records: [{ tag: 'CVE-2020-0015', data: 1 }] }),
        toyEnricher('clair.cvss', { records: cvss }),
      ],
      indexer: { indexReport: async () => undefined },
      now,
      http: noHttp,
    });
    assert.equal(await matcher.initialized(), false);
    await matcher.updateFeeds({ signal });
  });
  after(() => db[Symbol.asyncDispose]());

  async function reportOf(report: IndexReport): Promise<VulnerabilityReportWire> {
    return JSON.parse((await matcher.matchReport(toWire(report))).body.toString());
  }
  /** Names by package, decided and not. */
  async function namesOf(...packages: Parameters<typeof indexReport>[0]): Promise<[string[], string[]]> {
    const report = await reportOf(indexReport(packages));
    const names = (ids: Record<string, string[]>): string[] =>
      Object.values(ids).flatMap((list) => list.map((id) => report.vulnerabilities[id]!.name));
    return [names(report.package_vulnerabilities), names(report.undecided)];
  }

  const cases: [what: string, name: string, version: string, affected: string[], undecided?: string[]][] = [
    ['no bounds', 'all', '1', ['CVE-2020-0001']],
    ['no bounds, unreadable version', 'all', 'what', ['CVE-2020-0001']],
    ['below', 'below', '1.9', ['CVE-2020-0002']],
    ['the exclusive bound', 'below', '2.0', []],
    ['an unreadable version', 'below', 'what', [], ['CVE-2020-0002']],
    ['a version without key, below', 'below', '!1.9', ['CVE-2020-0002']],
    ['a version without key, at the bound', 'below', '!2.0', []],
    ['the inclusive bound', 'upto', '2.0', ['CVE-2020-0003']],
    ['above the inclusive bound', 'upto', '2.0.0', []],
    ['under the lower bound', 'from', '0.9', []],
    ['the lower bound', 'from', '1.0', ['CVE-2020-0004']],
    ['one of two ranges', 'ranges', '3.5', ['CVE-2020-0005']],
    ['between two ranges', 'ranges', '2.5', []],
    ['two ranges and an unreadable version: one vulnerability', 'ranges', 'what', [], ['CVE-2020-0005']],
    ['a bound without key, below', 'cycle', '1.0', ['CVE-2020-0006']],
    ['a bound without key, above', 'cycle', '2.1', []],
    ['an unreadable bound', 'broken', '1.0', [], ['CVE-2020-0007']],
    ['an unreadable bound, but another excludes', 'half', '2', []],
    ['an unreadable bound, and the other does not exclude', 'half', '3', [], ['CVE-2020-0008']],
    ['an unreadable lower bound', 'lower', '2', [], ['CVE-2020-0016']],
    ['an unreadable lower bound, but the upper excludes', 'lower', '3', []],
    ['an unreadable lower bound alone', 'lowest', '2', [], ['CVE-2020-0017']],
    ['another name', 'nobody', '1', []],
  ];
  for (const [what, name, version, affected, undecided = []] of cases) {
    it(`decides ${what}`, async () => {
      assert.deepEqual(await namesOf({ name, version }), [affected, undecided]);
    });
  }

  it('heeds architectures, and takes a package without one for any', async () => {
    const both = ['CVE-2020-0009', 'CVE-2020-0010'];
    assert.deepEqual((await namesOf({ name: 'arch', version: '1', arch: 'x86_64' }))[0], both);
    assert.deepEqual((await namesOf({ name: 'arch', version: '1', arch: 'aarch64' }))[0], ['CVE-2020-0009']);
    assert.deepEqual((await namesOf({ name: 'arch', version: '1', arch: 's390x' }))[0], []);
    assert.deepEqual((await namesOf({ name: 'arch', version: '1' }))[0], both);
  });

  it('heeds modules', async () => {
    assert.deepEqual((await namesOf({ name: 'module', version: '1', module: 'perl:5.30' }))[0], [
      'CVE-2020-0011',
    ]);
    assert.deepEqual((await namesOf({ name: 'module', version: '1', module: 'perl:5.26' }))[0], []);
    assert.deepEqual((await namesOf({ name: 'module', version: '1' }))[0], []);
  });

  for (const [what, name, module, version, want] of [
    [
      'a package of a stream that is not told, below the fix of another',
      'module',
      ANY_MODULE,
      '1',
      'CVE-2020-0011',
    ],
    ['the same with a version that cannot be read', 'module', ANY_MODULE, 'what', 'CVE-2020-0011'],
    ['the same above the fix', 'module', ANY_MODULE, '2', undefined],
    ['an advisory about a stream that is not told', 'streamless', 'perl:5.26', '1', 'CVE-2020-0016'],
    ['the same where both are not told', 'streamless', ANY_MODULE, '1', 'CVE-2020-0016'],
    ['the same above the fix', 'streamless', 'perl:5.26', '2', undefined],
    ['the same of a package of no module', 'streamless', '', '1', undefined],
  ] as const) {
    it(`does not decide ${what}`, async () => {
      const found = await namesOf({ name, version, ...(module && { module }) });
      assert.deepEqual(found, [[], want === undefined ? [] : [want]]);
    });
  }

  it('writes what Clair writes', async () => {
    const source = { name: 'source', version: '1' };
    const report = await reportOf(indexReport([{ name: 'lib', version: '7', source }]));
    assert.deepEqual(report.vulnerabilities, {
      1: {
        id: '1',
        updater: 'toy/feed',
        name: 'CVE-2020-0012',
        description: 'about CVE-2020-0012',
        issued: '0001-01-01T00:00:00Z',
        links: 'https://example.com/CVE-2020-0012',
        severity: 'high',
        normalized_severity: 'High',
        package: {
          id: '',
          name: 'Source',
          version: '',
          kind: 'source',
          normalized_version: '',
          cpe: '',
          detector: null,
        },
        distribution: {
          id: '',
          did: 'toy',
          name: 'Toy',
          version: '',
          version_code_name: '',
          version_id: '1',
          arch: '',
          cpe: '',
          pretty_name: 'Toy 1',
        },
        repository: { cpe: '' },
        fixed_in_version: '2',
        Self: { Name: '' },
        Aliases: null,
      },
    });
    assert.deepEqual(report.package_vulnerabilities, { 2: ['1'] });
    assert.deepEqual(Object.keys(report), [
      'manifest_hash',
      'packages',
      'distributions',
      'repository',
      'environments',
      'vulnerabilities',
      'package_vulnerabilities',
      'enrichments',
      'feeds',
      'incomplete',
      'undecided',
      'problems',
      'notices',
      'aliases',
      'findings',
    ]);
    const { packages, distributions, repository, environments } = toWire(
      indexReport([{ name: 'lib', version: '7', source }]),
    );
    assert.deepEqual(
      [report.packages, report.distributions, report.repository, report.environments],
      [packages, distributions, repository, environments],
    );
    assert.deepEqual([report.enrichments, report.incomplete, report.problems], [{}, [], []]);
    assert.deepEqual(report.feeds, [
      {
        name: 'toy/feed',
        scope: 'toy:1',
        state: 'ok',
        last_success: now().toISOString(),
        rows: 18,
        problems: 0,
      },
    ]);
  });

  it('writes architectures as the feed has them', async () => {
    const report = await reportOf(indexReport([{ name: 'arch', version: '1' }]));
    assert.deepEqual(
      Object.values(report.vulnerabilities).map((vulnerability) => [
        vulnerability.package.arch,
        vulnerability.arch_op,
      ]),
      [
        ['aarch64|x86_64', 'pattern match'],
        ['(x86_64)', 'pattern match'],
      ],
    );
  });

  it('gives a vulnerability the facts of all its CVEs, and CVSS first', async () => {
    const report = await reportOf(indexReport([{ name: 'many', version: '1' }]));
    assert.deepEqual(report.package_vulnerabilities, { 2: ['1', '2'] }, 'most severe first');
    assert.deepEqual(Object.entries(report.enrichments), [
      [CVSS, [{ 2: [{ cve: 'CVE-2020-0013' }, { cve: 'CVE-2020-0014' }] }]],
      ['test/clair.aaa', [{ 1: [1] }]],
    ]);
    assert.deepEqual(report.aliases, { 2: ['CVE-2020-0014', 'GO-2020-1'] });
  });

  it('has the records of the enrichers that were asked for, and findings of all', async () => {
    const image = toWire(indexReport([{ name: 'many', version: '1' }]));
    const read = async (enrichers?: string[]) =>
      JSON.parse(
        (await matcher.matchReport(image, { ...(enrichers && { enrichers }) })).body.toString(),
      ) as VulnerabilityReportWire;
    const [all, some, none] = await Promise.all([read(), read(['clair.cvss']), read([])]);
    assert.deepEqual(Object.keys(some.enrichments), [CVSS]);
    assert.deepEqual(none.enrichments, {});
    assert.deepEqual(Object.keys(all.enrichments), [CVSS, 'test/clair.aaa']);
    assert.deepEqual([some.findings, none.findings], [all.findings, all.findings]);
  });

  it('says what was not checked', async () => {
    const reasonsOf = async (report: IndexReport) => (await reportOf(report)).incomplete;
    const packages = [
      { name: 'a', version: '1' },
      { name: 'b', version: '1' },
    ];
    const two = { where: '', count: 2, packages: 2 };
    assert.deepEqual(await reasonsOf(indexReport(packages)), []);
    assert.deepEqual(await reasonsOf(indexReport(packages, toyDistribution('2'))), [
      { kind: 'feed-not-loaded', what: 'toy:2', reason: 'could not be loaded yet: toy/later', ...two },
    ]);
    assert.deepEqual(await reasonsOf(indexReport(packages, toyDistribution('3'))), [
      { kind: 'no-feed', what: 'toy:3', reason: 'no feed covers it', ...two },
    ]);
    const other = { ...toyDistribution('9'), did: 'other', prettyName: 'Other 9' };
    assert.deepEqual(await reasonsOf(indexReport(packages, other)), [
      { kind: 'no-feed', what: 'Other 9', reason: 'no feed covers it', ...two },
    ]);
  });

  it('is incomplete for a distribution without packages, with and without a feed', async () => {
    const kindsOf = async (report: IndexReport) =>
      (await reportOf(report)).incomplete.map(({ kind, what, count }) => [kind, what, count]);
    const other = { ...toyDistribution('9'), did: 'other', prettyName: 'Other 9' };
    assert.deepEqual(await kindsOf({ ...indexReport([]), distributions: [other] }), [
      ['no-feed', 'Other 9', 0],
      ['no-package-database', 'Other 9', 0],
    ]);
    const nobodys: IndexReport = { ...indexReport([{ name: 'a', version: '1' }]), distributions: [other] };
    const [first] = nobodys.packages;
    const packages = [
      { ...first!, environments: first!.environments.map(({ distribution: _, ...each }) => each) },
    ];
    assert.deepEqual(
      (await kindsOf({ ...nobodys, packages })).map(([kind]) => kind),
      ['no-feed', 'no-feed'],
    );
    const known: IndexReport = { ...indexReport([]), distributions: [toyDistribution('1')] };
    assert.deepEqual(await kindsOf(known), [['no-package-database', 'Toy 1', 0]]);
  });

  it('is incomplete for anything that was not read; a note is a notice', async () => {
    const problem = { source: 'toy', where: 'var/lib/toy', reason: 'damaged' };
    const problems = [problem, { ...problem, kind: 'note' as const, reason: 'odd' }];
    const report = await reportOf({ ...indexReport([{ name: 'a', version: '1' }]), problems });
    const entry = { what: 'toy', where: 'var/lib/toy', count: 1 };
    assert.deepEqual(report.incomplete, [{ kind: 'unread', ...entry, reason: 'damaged', packages: 0 }]);
    assert.deepEqual(report.notices, [{ kind: 'note', ...entry, reason: 'odd' }]);
    assert.deepEqual(report.problems, problems);
  });

  it('names the sets of feeds that a report needs', () => {
    assert.deepEqual(matcher.feedSetsOf(toWire(indexReport([{ name: 'a', version: '1' }]))), SETS);
    assert.deepEqual(
      matcher.feedSetsOf(toWire({ ...indexReport([]), distributions: [toyDistribution('1')] })),
      SETS,
    );
    assert.deepEqual(matcher.feedSetsOf(toWire({ ...indexReport([]), distributions: [] })), SETS.slice(1));
  });

  it('makes a problem of what an ecosystem cannot tell', async () => {
    const report = await reportOf(
      indexReport([
        { name: 'throws', version: '1' },
        { name: 'all', version: '1' },
      ]),
    );
    assert.deepEqual(report.problems, [{ source: 'toy', where: 'throws 1', reason: 'cannot tell' }]);
    assert.equal(Object.keys(report.vulnerabilities).length, 1);
    assert.deepEqual(
      report.incomplete.map(({ kind, where }) => [kind, where]),
      [
        ['no-feed', ''],
        ['unread', 'throws 1'],
      ],
    );
  });

  it('gives the same bytes for the same image, and another tag when they change', async () => {
    const one = await matcher.matchReport(toWire(indexReport([{ name: 'many', version: '1' }])));
    const two = await matcher.matchReport(toWire(indexReport([{ name: 'many', version: '1' }])));
    const other = await matcher.matchReport(toWire(indexReport([{ name: 'many', version: '2' }])));
    assert.ok(one.body.equals(two.body));
    assert.equal(one.etag, two.etag);
    assert.notEqual(one.etag, other.etag);
  });

  it("takes an image without packages, and a Go indexer's nulls", async () => {
    const wire = { ...toWire(indexReport([])), packages: null, environments: null, repository: null };
    const report = JSON.parse((await matcher.matchReport(wire as never)).body.toString());
    assert.deepEqual([report.packages, report.environments, report.repository], [{}, {}, {}]);
  });

  it('finds each lookup by index, however many there are', async () => {
    await db.query({
      text: `
        insert into advisory (feed, digest, since_run, scope, name, kind, module, undecided, fixed_in_version, doc)
        select 1, int4send(i), 1, 1, 'filler-' || i, 'binary', '', false, '', 1 from generate_series(1, 20000) i`,
    });
    await db.query({ text: 'analyze advisory' });
    const lookups = Array.from({ length: 5000 }, (_, i) => ({
      scopes: [1],
      name: `filler-${i}`,
      kind: 'binary' as const,
      version: '1',
      key: Buffer.from('1'),
    }));
    const { text, values } = matchStatement(lookups);
    const plan = await db.query<{ 'QUERY PLAN': string }>({
      text: `explain ${text}`,
      ...(values && { values }),
    });
    const lines = plan.map((row) => row['QUERY PLAN']).join('\n');
    assert.match(lines, /Index Scan using advisory_match|Bitmap Index Scan on advisory_match/);
    assert.doesNotMatch(lines, /Seq Scan on advisory/);
  });
});
