/** Scopes that contain one another, assertions, and partial loads: from feeds to reports. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Ecosystem } from '../../contract/ecosystem.ts';
import type { Feed } from '../../contract/feed.ts';
import type { Advisory } from '../../model/advisory.ts';
import { toWire } from '../../model/index-report-wire.ts';
import type { Repository } from '../../model/package.ts';
import {
  advisory,
  dotted,
  indexReport,
  matcherDatabase,
  noHttp,
  toyDistribution,
} from '../matcher.fixture.ts';
import { createMatcher, type Matcher } from '../matcher.ts';

/** Looks packages up in their repositories `a`, `a.b`, …: advisories of `a` hold for `a.b`. */
function nested(feeds: readonly Feed[]): Ecosystem {
  return {
    id: 'nested',
    scopes: ['repo:', 'toy without repository'],
    advisoriesOf: () => [],
    detectors: [],
    coalesce: () => ({ packages: [], distributions: [], repositories: [] }),
    versions: dotted,
    lookups: ({ package: { name, version, kind }, repository, distribution }) =>
      distribution?.did !== 'toy'
        ? []
        : [{ scope: repository ? `repo:${repository.name}` : 'toy without repository', name, version, kind }],
    cover: { prefix: 'repo:', covers: (advisory, lookup) => `${lookup}.`.startsWith(`${advisory}.`) },
    feeds: [{ set: 'nested', feeds: async () => feeds }],
  };
}

interface Load {
  readonly records: readonly Advisory[];
  readonly names?: readonly string[];
}

function feedOf(state: { next: Load; run: number }): Feed {
  return {
    name: 'nested',
    get scopes() {
      return [...new Set(state.next.records.map(({ scope }) => scope))].map((key) => ({ key }));
    },
    versions: dotted,
    async fetch() {
      const { records, names } = state.next;
      return {
        fingerprint: String(state.run++),
        records: (async function* () {
          yield* records;
        })(),
        ...(names && { partial: { names: new Set(names) } }),
      };
    },
  };
}

const fix = (
  scope: string,
  name: string,
  id: string,
  below: string,
  more: Partial<Advisory> = {},
): Advisory => advisory(name, id, { scope: `repo:${scope}`, below, ...more });

describe('covering scopes', () => {
  const state: { next: Load; run: number } = { next: { records: [] }, run: 0 };
  let db: Awaited<ReturnType<typeof matcherDatabase>>;
  let matcher: Matcher;
  const options = { signal: new AbortController().signal };

  before(async () => {
    db = await matcherDatabase();
  });
  after(() => db[Symbol.asyncDispose]());
  beforeEach(async () => {
    await db.query({
      text: 'truncate feed, feed_set, feed_run, scope, feed_scope, advisory, advisory_doc, enrichment restart identity',
    });
    matcher = matcherOf();
  });

  function matcherOf(fixedOnly: readonly string[] = []): Matcher {
    return createMatcher({
      db,
      ecosystems: [nested([feedOf(state)])],
      enrichers: [],
      indexer: { indexReport: async () => undefined },
      now: () => new Date('2026-01-01T00:00:00Z'),
      http: noHttp,
      fixedOnly,
    });
  }

  async function load(next: Load) {
    state.next = next;
    const [result] = await matcher.updateFeeds(options);
    assert.equal(result?.error, undefined);
    return result!;
  }

  async function report(repository: string | undefined, names: readonly string[] = ['lib'], by = matcher) {
    const index = indexReport(names.map((name) => ({ name, version: '1' })));
    const repositories: Repository[] = repository === undefined ? [] : [{ name: repository }];
    const packages = index.packages.map((each) => ({
      ...each,
      environments: each.environments.map((environment) => ({ ...environment, repositories })),
    }));
    const { body } = await by.matchReport(toWire({ ...index, packages, repositories }));
    const json = JSON.parse(body.toString());
    const namesOf = (ids: Record<string, string[]> = {}): string[] =>
      Object.values(ids)
        .flat()
        .map((id) => json.vulnerabilities[id].name);
    return {
      json,
      affected: namesOf(json.package_vulnerabilities),
      unaffected: namesOf(json.PackageNotVulnerable),
      incomplete: json.incomplete as { what: string }[],
    };
  }

  it('find advisories of the scope and of those that contain it', async () => {
    await load({
      records: [
        fix('a', 'lib', 'CVE-1', '2'),
        fix('a.b', 'lib', 'CVE-2', '2'),
        fix('a.c', 'lib', 'CVE-3', '2'),
        fix('z', 'lib', 'CVE-4', '2'),
      ],
    });
    assert.deepEqual((await report('a.b')).affected, ['CVE-1', 'CVE-2']);
    assert.deepEqual((await report('a')).affected, ['CVE-1']);
    assert.deepEqual((await report('a.b.d')).affected, ['CVE-1', 'CVE-2']);
    assert.deepEqual(
      (await report('a.b')).json.feeds.map((feed: { scope: string }) => feed.scope),
      ['repo:a.b'],
    );
  });

  it('notice new scopes', async () => {
    await load({ records: [fix('a', 'lib', 'CVE-1', '2')] });
    assert.deepEqual((await report('a.b')).affected, ['CVE-1']);
    await load({ records: [fix('a', 'lib', 'CVE-1', '2'), fix('a.b', 'lib', 'CVE-2', '2')] });
    assert.deepEqual((await report('a.b')).affected, ['CVE-1', 'CVE-2']);
  });

  it('say what was not checked', async () => {
    await load({ records: [fix('a', 'lib', 'CVE-1', '2')] });
    assert.deepEqual((await report('a.b')).incomplete, []);
    const prettyName = toyDistribution('1').prettyName;
    assert.notEqual(prettyName, '');
    assert.deepEqual(
      (await report('other')).incomplete.map(({ what }) => what),
      ['repo:other', 'toy without repository'],
    );
    assert.deepEqual(
      (await report(undefined)).incomplete.map(({ what }) => what),
      ['toy without repository'],
    );
  });

  it('show assertions beside what affects, and take nothing away', async () => {
    await load({
      records: [
        fix('a', 'lib', 'CVE-1', '2'),
        advisory('lib', 'CVE-1', { scope: 'repo:a', assertsUnaffected: true }),
        advisory('lib', 'CVE-2', { scope: 'repo:a', assertsUnaffected: true }),
      ],
    });
    const { json, affected, unaffected } = await report('a');
    assert.deepEqual([affected, unaffected], [['CVE-1'], ['CVE-1', 'CVE-2']]);
    const inverted = Object.values(json.vulnerabilities as Record<string, { Invert?: boolean }>).filter(
      ({ Invert }) => Invert,
    );
    assert.equal(inverted.length, 2);
    assert.equal('PackageNotVulnerable' in (await report('a', ['other'])).json, false);
  });

  it('leave out what has no fix where that is wanted', async () => {
    await load({ records: [fix('a', 'lib', 'CVE-1', '2'), advisory('lib', 'CVE-2', { scope: 'repo:a' })] });
    assert.deepEqual((await report('a', ['lib'], matcherOf(['repo:']))).affected, ['CVE-1']);
    assert.deepEqual((await report('a')).affected, ['CVE-1', 'CVE-2']);
  });

  it('keep what a partial load does not speak of', async () => {
    const b = [fix('a', 'b', 'CVE-2', '2'), fix('a', 'b2', 'CVE-2', '2')] as const;
    await load({ records: [fix('a', 'lib', 'CVE-1', '2'), ...b, fix('a.b', 'c', 'CVE-3', '2')] });
    const names = ['lib', 'b', 'b2', 'c'];
    const next = await load({
      records: [b[0], fix('x', 'b', 'CVE-4', '2')],
      names: ['CVE-2', 'CVE-3', 'CVE-4'],
    });
    assert.deepEqual([next.added, next.removed, next.rows], [1, 2, 3]);
    assert.deepEqual((await report('a.b', names)).affected, ['CVE-1', 'CVE-2']);
    assert.deepEqual((await report('x', names)).affected, ['CVE-4']);
    const [{ count }] = (await db.query<{ count: number }>({ text: 'select count(*) from feed_scope' })) as [
      { count: number },
    ];
    assert.equal(count, 3);
    const [kept] = await db.query<{ since_run: number; until_run: number | null }>({
      text: `select since_run, until_run from advisory a where name = 'b'  and scope = (select id from scope where key = 'repo:a')`,
    });
    assert.deepEqual([kept?.since_run, kept?.until_run], [1, null], 'what stays the same is not touched');
  });
});
