/** From one database into another: as an export of updaters, and as a bundle. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type { Ecosystem } from '../../contract/ecosystem.ts';
import type { Feed } from '../../contract/feed.ts';
import { debianRelease } from '../../ecosystems/deb/releases.ts';
import { ecosystems } from '../../ecosystems/index.ts';
import { AppError } from '../../errors.ts';
import type { Advisory, Scope } from '../../model/advisory.ts';
import type { IndexReport } from '../../model/index-report.ts';
import { toWire } from '../../model/index-report-wire.ts';
import type { Package, Repository } from '../../model/package.ts';
import { indexReport, matcherDatabase, noHttp, text, toyEnricher } from '../matcher.fixture.ts';
import { createMatcher } from '../matcher.ts';
import { BUNDLE_TABLES, exportBundle, importBundle } from './bundle.ts';
import { exportDatabase } from './export-database.ts';
import { exportFeeds } from './export-feeds.ts';
import { importOperations } from './import-operations.ts';

const now = () => new Date('2026-02-03T04:05:06Z');
const { signal } = new AbortController();

const BOOKWORM = debianRelease('12', 'bookworm');
const NPM: Repository = { name: 'npm', uri: 'https://www.npmjs.com/' };
const PYPI: Repository = { name: 'pypi', uri: 'https://pypi.org/simple' };
const DEBIAN_12: Scope = { key: 'debian:12', distribution: BOOKWORM };

function advisory(scope: string, name: string, vulnerability: string, more: Partial<Advisory>): Advisory {
  const kind = scope.startsWith('debian') ? 'source' : 'binary';
  return { scope, name, kind, fixedInVersion: more.below ?? '', vulnerability: text(vulnerability), ...more };
}

const FEEDS: Readonly<Record<string, { scope: Scope; records: readonly Advisory[] }>> = {
  'debian/updater': {
    scope: DEBIAN_12,
    records: [
      advisory('debian:12', 'alpha', 'CVE-2024-0001', { below: '1.2-3' }),
      advisory('debian:12', 'alpha', 'CVE-2024-0002', {}),
    ],
  },
  'osv/npm': {
    scope: { key: 'npm', repository: NPM },
    records: [
      advisory('npm', 'left', 'GHSA-0001', { from: '1.0.0-beta', below: '1.2.0' }),
      advisory('npm', 'left', 'GHSA-0002', {
        upTo: '1.1.0',
        code: [
          { path: 'left/pad', symbols: ['Type.Method', 'tab\tand "quote"'], os: ['linux'] },
          { path: 'left', symbols: [], arch: ['arm64'] },
        ],
      }),
      advisory('npm', 'left', 'GHSA-0003', { from: '1.1.1', below: '1.2.0' }),
    ],
  },
  'osv/pypi': {
    scope: { key: 'pypi', repository: PYPI },
    records: [
      advisory('pypi', 'sample-py', 'PYSEC-1', {
        from: '1.0',
        shownName: 'Sample_Py',
        fixedInVersion: 'introduced=1.0',
      }),
    ],
  },
};

const OWNERS: Readonly<Record<string, string>> = { 'debian:12': 'deb', npm: 'node', pypi: 'python' };

/** The real ecosystems with feeds that ask nobody. */
const world: readonly Ecosystem[] = ecosystems.map((ecosystem) => ({
  ...ecosystem,
  feeds: Object.entries(FEEDS)
    .filter(([, { scope }]) => ecosystem.id === OWNERS[scope.key])
    .map(([name, { scope, records }]) => ({
      set: name.split('/')[0]!,
      feeds: async (): Promise<Feed[]> => [
        {
          name,
          scopes: [scope],
          versions: ecosystem.versions,
          fetch: async (since) =>
            since === 'f1' ? 'unchanged' : { fingerprint: 'f1', records: stream(records) },
        },
      ],
    })),
}));
const enrichers = [
  toyEnricher('clair.cvss', {
    records: [{ tag: 'CVE-2024-0001', data: { baseScore: 9 } }],
    fingerprint: 'e1',
  }),
];

async function* stream<T>(records: readonly T[]): AsyncGenerator<T> {
  yield* records;
}

function image(): IndexReport {
  const add = (pkg: Package, repository: Repository): IndexReport['packages'][number] => ({
    package: pkg,
    environments: [
      { packageDb: 'x', introducedIn: `sha256:${'1'.repeat(64)}` as never, repositories: [repository] },
    ],
  });
  const debian = indexReport([{ name: 'alpha', version: '1.0-1' }], BOOKWORM);
  return {
    ...debian,
    repositories: [NPM, PYPI],
    packages: [
      ...debian.packages,
      add({ name: 'left', version: '1.1.0', kind: 'binary' }, NPM),
      add({ name: 'left', version: '1.0.0-beta.1', kind: 'binary' }, NPM),
      add({ name: 'sample_py', version: '1.1', kind: 'binary' }, PYPI),
    ],
  };
}

describe('what one database has, in another', () => {
  let source: Awaited<ReturnType<typeof matcherDatabase>>;
  let target: Awaited<ReturnType<typeof matcherDatabase>>;
  const matcherOf = (db: typeof source) =>
    createMatcher({
      db,
      ecosystems: world,
      enrichers,
      indexer: { indexReport: async () => undefined },
      now,
      http: noHttp,
    });
  const reportOf = async (db: typeof source) =>
    JSON.parse((await matcherOf(db).matchReport(toWire(image()))).body.toString());
  const empty = () =>
    target.query({ text: `truncate ${Object.keys(BUNDLE_TABLES).join(', ')} restart identity` });

  before(async () => {
    source = await matcherDatabase();
    target = await matcherDatabase();
    await matcherOf(source).updateFeeds({ signal });
  });
  after(async () => {
    await source[Symbol.asyncDispose]();
    await target[Symbol.asyncDispose]();
  });

  const exportTo = async (
    fill: (write: (chunks: AsyncIterable<Uint8Array>) => Promise<void>) => Promise<unknown>,
  ) => {
    const parts: Uint8Array[] = [];
    await fill(async (chunks) => {
      for await (const chunk of chunks) parts.push(chunk);
    });
    return Buffer.concat(parts);
  };
  const load = (bytes: Buffer) =>
    importOperations({ db: target, ecosystems: world, enrichers, now }, stream([bytes]), {
      name: 'file',
      strict: true,
      force: false,
      signal,
    });

  it('makes the same report by an export from the database', async () => {
    await empty();
    await load(await exportTo((write) => exportDatabase(source, world, write, { signal })));
    const want = await reportOf(source);
    assert.ok(Object.keys(want.vulnerabilities).length >= 5, JSON.stringify(want.package_vulnerabilities));
    assert.deepEqual(await reportOf(target), want);
  });

  it('makes the same report by an export from the feeds, and goes on from there online', async () => {
    await empty();
    const parts = { ecosystems: world, enrichers, http: noHttp, now };
    await load(await exportTo((write) => exportFeeds(parts, write, { signal })));
    assert.deepEqual(await reportOf(target), await reportOf(source));
    const results = await matcherOf(target).updateFeeds({ signal });
    assert.deepEqual(new Set(results.map(({ state, error }) => error ?? state)).has('failed'), false);
    assert.deepEqual(await reportOf(target), await reportOf(source));
    const [row] = await target.query<{ reader: string }>({
      text: `select reader from feed where name = 'osv/npm'`,
    });
    assert.doesNotMatch(row!.reader, /offline/);
  });

  it('leaves a feed out that fails half-way, and tells', async () => {
    const failing = world.map((ecosystem) =>
      ecosystem.id !== 'node'
        ? ecosystem
        : {
            ...ecosystem,
            feeds: [
              {
                set: 'osv',
                feeds: async () => [
                  {
                    name: 'osv/npm',
                    scopes: [],
                    versions: ecosystem.versions,
                    fetch: async () => ({
                      fingerprint: '',
                      records: (async function* () {
                        yield FEEDS['osv/npm']!.records[0]!;
                        throw new Error('half a body');
                      })(),
                    }),
                  },
                ],
              },
            ],
          },
    );
    const bytes = await exportTo(async (write) => {
      const results = await exportFeeds({ ecosystems: failing, enrichers, http: noHttp, now }, write, {
        signal,
      });
      assert.match(results.find(({ name }) => name === 'osv/npm')?.error ?? '', /half a body/);
    });
    assert.doesNotMatch(bytes.toString(), /osv\/npm/);
    assert.match(bytes.toString(), /debian\/updater/);
  });

  const bundle = () => exportTo((write) => exportBundle(source, (chunk) => write(stream([chunk])), now()));

  it('makes the same report by a bundle, over whatever was there', async () => {
    await importBundle(target, stream([await bundle()]), { name: 'b', signal });
    assert.deepEqual(await reportOf(target), await reportOf(source));
    await matcherOf(target).updateFeeds({ signal });
    assert.deepEqual(await reportOf(target), await reportOf(source));
    const indexes = (db: typeof source) =>
      db.query({ text: `select indexdef from pg_indexes where schemaname = 'public' order by 1` });
    assert.deepEqual(await indexes(target), await indexes(source));
  });

  it('loads a bundle once, in one of several processes', async () => {
    const bytes = await bundle();
    const load = async (force = false) =>
      (await importBundle(target, stream([bytes]), { name: 'b', signal, force })).state;
    const ids = async () =>
      (await target.query({ text: 'select xmin::text from advisory' })).map((row) => row);
    const both = await Promise.all([load(), load()]);
    assert.equal(both.filter((state) => state === 'loaded').length, 1, both.join());
    const before = await ids();
    assert.equal(await load(), 'here');
    assert.deepEqual(await ids(), before);
    assert.equal(await load(true), 'loaded');
    assert.notDeepEqual(await ids(), before);
  });

  it('refuses a bundle that is damaged, and changes nothing', async () => {
    const whole = await bundle();
    const want = await reportOf(target);
    const flipped = Buffer.from(whole);
    flipped[flipped.indexOf('GHSA-0002') + 8] = 0x39;
    const at = whole.indexOf('"schema":');
    const schema = (number: number) => {
      const text = whole.toString('latin1').replace(/"schema":\d+/, `"schema":${number}`);
      return Buffer.from(text, 'latin1');
    };
    assert.ok(at > 0);
    const cases: [bytes: Buffer, message: RegExp][] = [
      [flipped, /checksum/],
      [whole.subarray(0, whole.length - 40), /truncated|damaged/],
      [whole.subarray(0, 30), /truncated/],
      [Buffer.concat([whole, Buffer.from('more')]), /checksum/],
      [schema(99), /newer release/],
      [schema(10), /Export it again with this release/],
      [Buffer.from('something else that is no bundle at all'), /is not a bundle/],
    ];
    for (const [bytes, message] of cases) {
      await assert.rejects(
        importBundle(target, stream([bytes]), { name: 'b', signal }),
        (error) => error instanceof AppError && message.test(error.message),
        String(message),
      );
    }
    assert.deepEqual(await reportOf(target), want);
  });

  it('takes every table of the schema along', () => {
    const folder = new URL('../migrations/', import.meta.url);
    const sql = readdirSync(folder)
      .filter((name) => name.endsWith('.sql'))
      .map((name) => readFileSync(new URL(name, folder), 'utf8'))
      .join('\n');
    const named = (pattern: RegExp) => [...sql.matchAll(pattern)].map(([, name]) => name);
    const dropped = new Set(named(/drop table (\w+)/g));
    const made = named(/create table (\w+)/g).filter((name) => !dropped.has(name));
    // What this installation knows of its own images and decisions, and which bundle it was.
    const isOwn = (name = ''): boolean =>
      /^(console_.*|decision|decision_event|feed_try|loaded_bundle)$/.test(name);
    assert.deepEqual(made.filter((name) => !isOwn(name)).toSorted(), Object.keys(BUNDLE_TABLES).toSorted());
  });
});
