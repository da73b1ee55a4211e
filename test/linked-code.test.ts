/** A program of Go through the indexer, and later through a matcher with the advisories of that day: what is linked in it. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Feed } from '../src/contract/feed.ts';
import { connect } from '../src/db/database.ts';
import { goProgram } from '../src/ecosystems/go/function-table.fixture.ts';
import { go } from '../src/ecosystems/go/index.ts';
import { GO_SCOPE } from '../src/ecosystems/go/lookups.ts';
import { goVersions } from '../src/ecosystems/go/version.ts';
import { codeOf } from '../src/ecosystems/go/vulnerable-code.ts';
import { ecosystems } from '../src/ecosystems/index.ts';
import { advisoriesOf } from '../src/formats/osv/record.ts';
import { createIndexer } from '../src/indexer/indexer.ts';
import { indexerDatabase, type LayerStore, layerStore, manifestOf } from '../src/indexer/indexing.fixture.ts';
import { LayerScanner } from '../src/indexer/layer-scanner.ts';
import { noLog } from '../src/lib/log.ts';
import { matcherDatabase, noHttp } from '../src/matcher/matcher.fixture.ts';
import { createMatcher } from '../src/matcher/matcher.ts';
import type { FindingWire, VulnerabilityReportWire } from '../src/matcher/report/report-wire.ts';
import type { Advisory } from '../src/model/advisory.ts';
import type { Digest } from '../src/model/digest.ts';
import type { IndexReportWire } from '../src/model/index-report-wire.ts';

const LAST_MONTH = '2099-01-01T00:00:00Z';
const TODAY = '2099-02-01T00:00:00Z';
const signal = AbortSignal.timeout(120_000);

const program = (functions: readonly string[], ...settings: string[]) =>
  goProgram(
    {
      version: 'go1.21.5',
      modules: [
        'path\texample.com/lab/cmd/run',
        'mod\texample.com/lab\tv0.1.0\t',
        'dep\tgolang.org/x/net\tv0.1.0\th1:a=',
        ...['GOOS=linux', 'GOARCH=amd64', ...settings].map((setting) => `build\t${setting}`),
        '',
      ].join('\n'),
    },
    functions,
  );

interface Import {
  readonly path: string;
  readonly symbols?: readonly string[];
  readonly goos?: readonly string[];
}

/** A record of the Go vulnerability database, as OSV has it. */
function record(
  id: string,
  imports: readonly Import[] | undefined,
  aliases: readonly string[] = [],
  name = 'golang.org/x/net',
) {
  return {
    id,
    published: TODAY,
    aliases,
    affected: [
      {
        package: { ecosystem: 'Go', name },
        ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed: '0.9.0' }] }],
        ...(imports && { ecosystem_specific: { imports } }),
      },
    ],
  };
}

const html = 'golang.org/x/net/html';
const RECORDS = [
  record('GO-1', [{ path: html, symbols: ['Tokenizer.Next', 'Parse'] }], ['CVE-2099-0001']),
  record('GO-2', [{ path: html, symbols: ['Render'] }], ['CVE-2099-0002']),
  record('GO-3', [{ path: 'golang.org/x/net/http2' }], ['CVE-2099-0003']),
  record('GO-4', [{ path: html }], ['CVE-2099-0004']),
  record('GO-5', undefined, ['CVE-2099-0005']),
  record('GO-6', [{ path: html, symbols: ['Parse'], goos: ['windows'] }], ['CVE-2099-0006']),
  // GitHub's record of what GO-2 is about says nothing of code.
  record('GHSA-2', undefined, ['CVE-2099-0002']),
  record(
    'GO-7',
    [{ path: 'example.com/lab/cmd/run', symbols: ['main'] }],
    ['CVE-2099-0007'],
    'example.com/lab',
  ),
];

describe('code that a program was linked with', () => {
  const open = new AsyncDisposableStack();
  let store: LayerStore;
  let indexer: ReturnType<typeof createIndexer>;
  let records: readonly object[] = [];
  let matcher: ReturnType<typeof createMatcher>;
  after(() => open.disposeAsync());
  before(async () => {
    store = open.use(await layerStore());
    const { dsn } = open.use(await indexerDatabase());
    const db = open.use(await connect(dsn, { applicationName: 'linked-code-test' }));
    const scanner = open.use(new LayerScanner({ threads: 1 }));
    indexer = createIndexer({ db, ecosystems, scanner, log: noLog });
    const options = {
      dump: 'Go',
      scope: { key: GO_SCOPE },
      versions: goVersions,
      ranges: ['SEMVER'],
      encodeFixed: 'text',
      codeOf,
    } as const;
    const feed: Feed = {
      name: 'osv/go',
      scopes: [options.scope],
      versions: goVersions,
      fetch: async () => ({
        fingerprint: String(records.length),
        records: (async function* (): AsyncGenerator<Advisory> {
          for (const each of records)
            yield* advisoriesOf(each, options, { now: new Date(TODAY), problem: (why) => assert.fail(why) });
        })(),
      }),
    };
    matcher = createMatcher({
      db: open.use(await matcherDatabase()),
      ecosystems: ecosystems.map((each) =>
        each.id === go.id
          ? { ...go, feeds: [{ set: 'osv', feeds: async () => [feed] }] }
          : { ...each, feeds: [] },
      ),
      enrichers: [],
      now: () => new Date(records.length === 0 ? LAST_MONTH : TODAY),
      log: noLog,
      http: noHttp,
      indexer: { indexReport: (digest) => indexer.indexReport(digest) },
    });
    await matcher.updateFeeds({ signal });
  });

  async function stored(...programs: Buffer[]): Promise<Digest> {
    const files = programs.map((content, n) => ({ name: `usr/bin/app${n}`, content, mode: 0o755 }));
    const manifest = manifestOf(store.layer(...files));
    await indexer.index(manifest, { signal });
    return manifest.hash;
  }

  async function judged(digest: Digest): Promise<Record<string, unknown>> {
    const answer = await matcher.vulnerabilityReport(digest);
    const { findings } = JSON.parse(String(answer!.body)) as VulnerabilityReportWire;
    return Object.fromEntries(
      findings.map((each: FindingWire) => [each.name, each.linked && [each.linked, each.linked_names]]),
    );
  }

  it('was stored last month, and is judged by advisories of today without the image', async () => {
    const digest = await stored(program([`${html}.(*Tokenizer).Next`, 'net/http.Get']));
    assert.deepEqual(await judged(digest), {});
    const fetched = store.fetched.length;
    records = RECORDS;
    await matcher.updateFeeds({ signal });
    assert.deepEqual(await judged(digest), {
      'CVE-2099-0001': ['symbol', [`${html}.Tokenizer.Next`]],
      'CVE-2099-0004': ['package', [html]],
      'CVE-2099-0005': undefined,
      'CVE-2099-0007': ['symbol', ['example.com/lab/cmd/run.main']],
      'CVE-2099-0002': ['no', [`${html}.Render`]],
      'CVE-2099-0003': ['no', ['golang.org/x/net/http2']],
      'CVE-2099-0006': ['no', [html]],
    });
    assert.equal(store.fetched.length, fetched);
  });

  it('is there if one of several programs has it, and unknown if of one nobody can tell', async () => {
    records = RECORDS;
    await matcher.updateFeeds({ signal });
    const lacks = program([`${html}.Parse`]);
    const both = await judged(await stored(lacks, program([`${html}.Render`])));
    assert.deepEqual(both['CVE-2099-0002'], ['symbol', [`${html}.Render`]]);
    const shared = await judged(await stored(lacks, program([`${html}.Parse`], '-linkshared=true')));
    assert.deepEqual(shared['CVE-2099-0002'], ['unknown', undefined]);
    assert.deepEqual(shared['CVE-2099-0001'], ['symbol', [`${html}.Parse`]]);
  });

  it('is unknown of a report that an earlier release stored', async () => {
    records = RECORDS;
    await matcher.updateFeeds({ signal });
    const digest = await stored(program([`${html}.Parse`]));
    const { linked, ...earlier } = JSON.parse((await indexer.indexReport(digest))!) as IndexReportWire;
    assert.equal(linked?.length, 1);
    const report = JSON.parse(String((await matcher.matchReport(earlier)).body)) as VulnerabilityReportWire;
    assert.deepEqual([...new Set(report.findings.map((each) => each.linked))], ['unknown', undefined]);
  });
});
