import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { connect, type Database, type Statement } from '../db/database.ts';
import { keyRangeOf, versionKeys } from '../ecosystems/version-keys.ts';
import { dotted, indexReport } from '../matcher/matcher.fixture.ts';
import type { Digest } from '../model/digest.ts';
import type { IndexReport } from '../model/index-report.ts';
import { clairAnswer } from './affected.fixture.ts';
import type { AffectedPage } from './affected-by.ts';
import {
  inDistribution,
  indexerOf,
  type Packages,
  signal,
  storeReport,
  toyDistributionWire,
  vulnerability,
} from './affected-toy.fixture.ts';
import type { Indexer } from './indexer.ts';
import { digestOf, indexerDatabase } from './indexing.fixture.ts';
import { byIndexOnly } from './store/by-index.ts';
import { holderStatement, lookupStatement } from './store/match-lookups.ts';
import { sweepAll } from './sweep.fixture.ts';

describe('affected manifests', () => {
  let db: Database;
  let indexer: Indexer;
  const open = new AsyncDisposableStack();
  before(async () => {
    const { dsn } = open.use(await indexerDatabase());
    db = open.use(await connect(dsn, { applicationName: 'affected-test' }));
    indexer = indexerOf(db);
  });
  after(() => open.disposeAsync());

  let made = 0;
  async function store(packages: Packages, change: (report: IndexReport) => IndexReport = (r) => r) {
    const manifestHash = digestOf(`manifest ${++made}`);
    const report = change({ ...indexReport(packages), manifestHash });
    await storeReport(db, report);
    return manifestHash;
  }
  /** What affects each of `manifests`; ids in the order of the answer. */
  async function affected(vulnerabilities: readonly unknown[], ...manifests: Digest[]) {
    const answer = await clairAnswer(indexer, vulnerabilities, signal);
    return manifests.map((digest) => answer.vulnerable_manifests[digest]?.join(' ') ?? '');
  }

  it('says which manifests are affected, the most severe first', async () => {
    const [one, two, three] = [
      await store([{ name: 'a', version: '1.0' }]),
      await store([
        { name: 'a', version: '1.5' },
        { name: 'b', version: '9' },
      ]),
      await store([{ name: 'a', version: '2.0' }]),
    ] as const;
    const asked = [
      vulnerability('1', 'a', { fixed_in_version: '2.0', normalized_severity: 'Low' }),
      vulnerability('2', 'b', { normalized_severity: 'Critical' }),
      vulnerability('3', 'a', { fixed_in_version: '1.2', normalized_severity: 'High' }),
      vulnerability('4', 'nobody'),
      vulnerability('5', 'a', { Bounds: { from: '2.0', upTo: '2.0' }, fixed_in_version: '9' }),
    ];
    assert.deepEqual(await affected(asked, one, two, three), ['3 1', '2 1', '5']);
    const { vulnerabilities, problems } = await clairAnswer(indexer, asked, signal);
    assert.deepEqual(Object.keys(vulnerabilities), ['1', '2', '3', '5']);
    assert.deepEqual(vulnerabilities[3], asked[2]);
    assert.equal(problems, undefined);
  });

  it('heeds kind, module, architecture and distribution', async () => {
    const full = { name: 'c', version: '1', module: 'm:1', arch: 'x86_64' };
    const [one, source, silent, other] = [
      await store([full]),
      await store([{ name: 'd', version: '7', source: { name: 'c', version: '1' } }]),
      await store([{ name: 'c', version: '1' }]),
      await store([full], (report) => inDistribution(report, '2')),
    ] as const;
    const ask = (changes: object, pkg: object) =>
      affected(
        [vulnerability('1', 'c', { ...changes, package: { name: 'c', kind: 'binary', ...pkg } })],
        one,
        source,
        silent,
        other,
      );
    const x86 = { arch_op: 'pattern match' };
    assert.deepEqual(await ask({}, {}), ['', '', '1', '']);
    assert.deepEqual(await ask({}, { module: 'm:1' }), ['1', '', '', '']);
    assert.deepEqual(await ask({}, { kind: 'source' }), ['', '1', '', '']);
    assert.deepEqual(await ask(x86, { module: 'm:1', arch: 'aarch64|x86_64' }), ['1', '', '', '']);
    assert.deepEqual(await ask(x86, { module: 'm:1', arch: 'aarch64|s390x' }), ['', '', '', '']);
    assert.deepEqual(await ask(x86, { arch: 's390x' }), ['', '', '1', ''], 'a package without one has any');
    assert.deepEqual(await ask({ distribution: toyDistributionWire('2') }, { module: 'm:1' }), [
      '',
      '',
      '',
      '1',
    ]);
  });

  it('decides in code what has no key', async () => {
    const manifests = [
      await store([{ name: 'e', version: '!1.0' }]),
      await store([{ name: 'e', version: 'what' }]),
      await store([{ name: 'e', version: '1.0' }]),
      await store([{ name: 'e', version: '2.0' }]),
    ];
    const ask = (fixed: string) =>
      affected([vulnerability('1', 'e', { fixed_in_version: fixed })], ...manifests);
    assert.deepEqual(
      await ask('1.1'),
      ['1', '', '1', ''],
      'what cannot be read is undecided, as in a report',
    );
    assert.deepEqual(await ask('!1.1'), ['1', '', '1', '']);
    assert.deepEqual(await ask('what'), ['', '', '', '']);
    assert.deepEqual(await ask(''), ['1', '1', '1', '1'], 'every version');
  });

  it('finds the scopes that a scope covers', async () => {
    const manifests = await Promise.all(
      ['a:b', 'a', 'b'].map((name) =>
        store([{ name: 'w', version: '1' }], (report) => ({
          ...report,
          packages: report.packages.map(({ package: pkg, environments }) => ({
            package: pkg,
            environments: environments.map(({ distribution: _, ...environment }) => ({
              ...environment,
              repositories: [{ key: 'wide', name }],
            })),
          })),
        })),
      ),
    );
    const ask = (name: string) =>
      affected(
        [{ id: '1', name: 'X', package: { name: 'w' }, repository: { key: 'wide', name } }],
        ...manifests,
      );
    assert.deepEqual(await ask('a'), ['1', '1', '']);
    assert.deepEqual(await ask('a:b'), ['1', '', '']);
    assert.deepEqual(await ask(''), ['1', '1', '1']);
  });

  it('never takes an assertion for a vulnerability', async () => {
    const one = await store([{ name: 'f', version: '1' }]);
    assert.deepEqual(await affected([vulnerability('1', 'f', { Invert: true })], one), ['']);
    assert.deepEqual(await affected([vulnerability('1', 'f', { Invert: false })], one), ['1']);
  });

  it('takes what lacks its parts, and tells of what it cannot look up', async () => {
    const one = await store([{ name: 'g', version: '1' }]);
    const { package: _, ...bare } = vulnerability('2', 'g');
    const answer = await clairAnswer(
      indexer,
      [{}, { id: '1', package: null, distribution: null, repository: null }, bare, vulnerability('3', 'g')],
      signal,
    );
    assert.deepEqual(answer.vulnerable_manifests, { [one]: ['3'] });
    assert.deepEqual(answer.problems, [
      { source: 'toy', where: 'vulnerabilities[2] 2', reason: 'vulnerability "X": package.name is empty' },
    ]);
    await assert.rejects(clairAnswer(indexer, [vulnerability('1', 'g'), 7], signal), {
      code: 'bad-request',
      message: 'failed to deserialize vulnerabilities: vulnerabilities[1]: a vulnerability is a JSON object',
    });
    await assert.rejects(
      clairAnswer(indexer, [vulnerability('1', 'g', { normalized_severity: 'Awful' })], signal),
      {
        code: 'bad-request',
        message: /vulnerabilities\[0\]: .*normalized_severity: "Awful" is not a severity/,
      },
    );
    assert.deepEqual(await clairAnswer(indexer, [], signal), {
      vulnerabilities: {},
      vulnerable_manifests: {},
    });
  });

  it('follows a manifest that is indexed again, fails, and is deleted', async () => {
    const ask = async (digest: Digest) => (await affected([vulnerability('1', 'h')], digest))[0];
    const one = await store([{ name: 'h', version: '77.1' }]);
    const two = await store([{ name: 'h', version: '77.2' }]);
    const left = async () =>
      (
        await db.query<{ version: string }>({
          text: `select version from finding where version like '77.%' order by 1`,
        })
      ).map(({ version }) => version);
    assert.equal(await ask(one), '1');
    assert.deepEqual(await left(), ['77.1', '77.2']);
    await storeReport(db, { ...indexReport([{ name: 'i', version: '77.2' }]), manifestHash: one });
    assert.equal(await ask(one), '');
    await storeReport(db, { ...indexReport([{ name: 'h', version: '77.2' }]), manifestHash: one });
    assert.deepEqual(await indexer.delete([one]), [one]);
    assert.deepEqual([await ask(one), await ask(two)], ['', '1']);
    assert.ok((await left()).includes('77.2'), 'another manifest has it');
    await indexer.delete([two]);
    assert.deepEqual(await sweepAll(db), { manifests: 2, lookups: 1 });
    assert.equal(
      (await left()).includes('77.2'),
      true,
      'that of i is nobody’s, but was replaced, not deleted',
    );
    assert.equal(
      (
        await db.query({
          text: 'select from manifest_finding f where not exists (select from manifest m where m.id = f.manifest)',
        })
      ).length,
      0,
    );
  });

  it('fills in what older programs left out, once', async () => {
    const one = await store([{ name: 'j', version: '1' }]);
    const broken = await store([{ name: 'j', version: '1' }]);
    await db.query({ text: 'delete from manifest_finding' });
    await db.query({
      text: `update index_report set report = '{' where manifest = (select id from manifest where digest = $1)`,
      values: [broken],
    });
    const warnings: string[] = [];
    const later = indexerOf(db, (message) => warnings.push(message));
    const asked = [vulnerability('1', 'j')];
    assert.deepEqual((await clairAnswer(later, asked, signal)).vulnerable_manifests, { [one]: ['1'] });
    assert.deepEqual(warnings, ['stored report unreadable: resubmit the manifest']);
    await later.fillLookups(signal);
    assert.equal(warnings.length, 1, 'not again at every question');
    await indexer.delete([broken]);
  });

  it('comes in pages, and goes on behind any of them', async () => {
    await store([{ name: 'wide', version: '1' }]);
    await db.query({
      text: `
        insert into manifest (digest) select 'paged ' || n from generate_series(1, 2500) n;
        insert into manifest_finding (manifest, revision, findings)
          select m.id, 'test', array(select f.id from finding f where f.name = 'wide')
          from manifest m where m.digest like 'paged %'`,
    });
    const asked = [vulnerability('1', 'x'), vulnerability('2', 'wide')];
    const from = async (after: string) => {
      const pages: AffectedPage[] = [];
      for await (const page of (await indexer.affectedManifests(asked, { after, signal })).pages())
        pages.push(page);
      return pages;
    };
    const pages = await from('');
    assert.deepEqual(
      pages.map(({ manifests }) => manifests.length),
      [1000, 1000, 501],
    );
    const [first] = pages[0]!.manifests;
    assert.deepEqual(first![1], [1]);
    assert.ok(
      pages[0]!.manifests.every(([, positions]) => positions === first![1]),
      'one array for all',
    );
    const digests = pages.flatMap(({ manifests }) => manifests.map(([digest]) => digest));
    assert.equal(new Set(digests).size, 2501);
    assert.deepEqual(await from(pages[0]!.next), pages.slice(1));
    assert.deepEqual(await from(pages[2]!.next), []);
    const answer = await clairAnswer(indexer, asked, signal);
    assert.deepEqual(Object.keys(answer.vulnerable_manifests), digests);
    await db.query({ text: `delete from manifest where digest like 'paged %'` });
  });

  it('is as quick in a big store: no table is read through', async () => {
    const plan = ({ text, values }: Statement) =>
      db.transaction(async (tx) => {
        await byIndexOnly(tx);
        const statement = { text: `explain ${text}`, ...(values && { values }) };
        const lines = await tx.query<{ 'QUERY PLAN': string }>(statement);
        return lines.map((line) => line['QUERY PLAN']).join('\n');
      });
    // A small store first: to the planner it looks as if reading it through cost nothing.
    const holdersOf = async () => await plan(holderStatement({ lookups: [1, 2], sets: [3] }, 0));
    const byIndexes = (plan: string): void => {
      assert.match(plan, /Bitmap Index Scan on manifest_finding_findings/);
      assert.match(plan, /Bitmap Index Scan on manifest_finding_sets/);
    };
    byIndexes(await holdersOf());
    await db.query({
      text: `
        insert into finding (digest, scope, name, kind, module, version)
          select int4send(n), 1, 'big' || n % 3000, 'binary', '', n::text from generate_series(1, 9000) n;
        insert into manifest (digest) select 'big ' || n from generate_series(1, 3000) n;
        insert into manifest_finding (manifest, revision, findings)
          select m.id, 'test', array(select f.id from finding f where f.id % 90 = m.id % 90)
          from manifest m where m.digest like 'big %'`,
    });
    await db.query({ text: 'analyze' });
    const range = keyRangeOf(versionKeys(), dotted, { below: '7' });
    const lookup = { ...range, scope: 1, name: 'big7', kind: 'binary', module: '', arches: ['x'] };
    const lookups = lookupStatement(Array.from({ length: 500 }, () => lookup));
    const found = (
      await db.query<{ 'QUERY PLAN': string }>({ ...lookups, name: 'plan', text: `explain ${lookups.text}` })
    )
      .map((line) => line['QUERY PLAN'])
      .join('\n');
    assert.match(found, /finding_match/);
    assert.doesNotMatch(found, /Seq Scan on finding/);
    const holders = await holdersOf();
    byIndexes(holders);
    assert.doesNotMatch(holders, /Seq Scan on (manifest_finding|manifest)\b/);
  });
});
