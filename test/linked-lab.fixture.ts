/** An indexer and a matcher whose one feed has the records that a test gives it, as of some day. */
import assert from 'node:assert/strict';
import type { Ecosystem } from '../src/contract/ecosystem.ts';
import type { Feed } from '../src/contract/feed.ts';
import { connect, type Database } from '../src/db/database.ts';
import { ecosystems } from '../src/ecosystems/index.ts';
import type { OsvOptions } from '../src/formats/osv/options.ts';
import { advisoriesOf } from '../src/formats/osv/record.ts';
import { createIndexer } from '../src/indexer/indexer.ts';
import { indexerDatabase, type LayerStore, layerStore, manifestOf } from '../src/indexer/indexing.fixture.ts';
import { LayerScanner } from '../src/indexer/layer-scanner.ts';
import { noLog } from '../src/lib/log.ts';
import { matcherDatabase, noHttp } from '../src/matcher/matcher.fixture.ts';
import { createMatcher, type Matcher } from '../src/matcher/matcher.ts';
import type { FindingWire, VulnerabilityReportWire } from '../src/matcher/report/report-wire.ts';
import type { Advisory } from '../src/model/advisory.ts';
import type { Digest } from '../src/model/digest.ts';
import { fromWire, type IndexReportWire, toWire } from '../src/model/index-report-wire.ts';
import { readSbom } from '../src/sbom/read-sbom.ts';
import { cycloneDxOf, sealCycloneDx } from '../src/sbom/write-cyclonedx.ts';
import { writeSpdx } from '../src/sbom/write-spdx.ts';

export const TODAY = '2099-02-01T00:00:00Z';
const LAST_MONTH = '2099-01-01T00:00:00Z';
const SUBJECT = { name: 'lab', kind: 'oci', created: TODAY, toolVersion: '1.0', properties: [] };

/** By vulnerability: its verdict and the names that decided; undefined: none. */
export type Verdicts = Record<string, unknown>;

export interface LinkedLab extends AsyncDisposable {
  readonly store: LayerStore;
  readonly matcher: Matcher;
  /** Of the matcher. */
  readonly db: Database;
  /** Indexes an image of `files`. */
  stored(...files: { readonly name: string; readonly content: Buffer }[]): Promise<Digest>;
  indexReport(digest: Digest): Promise<IndexReportWire>;
  /** Makes `records` those of the feed from today on. */
  publish(records: readonly object[]): Promise<void>;
  judged(digest: Digest): Promise<Verdicts>;
  judgedReport(report: IndexReportWire): Promise<Verdicts>;
  /** The same of each kind of SBOM that is written of it. */
  judgedSboms(digest: Digest): Promise<Verdicts[]>;
}

/** `of`: the ecosystem that has the feed; `options` are those of its records. */
export async function linkedLab(of: Ecosystem, options: OsvOptions): Promise<LinkedLab> {
  const open = new AsyncDisposableStack();
  const signal = AbortSignal.timeout(120_000);
  const store = open.use(await layerStore());
  const { dsn } = open.use(await indexerDatabase());
  const db = open.use(await connect(dsn, { applicationName: 'linked-code-test' }));
  const scanner = open.use(new LayerScanner({ threads: 1 }));
  const indexer = createIndexer({ db, ecosystems, scanner, log: noLog });
  let records: readonly object[] = [];
  const feed: Feed = {
    name: `osv/${options.dump.toLowerCase()}`,
    scopes: 'key' in options.scope ? [options.scope] : [],
    versions: options.versions,
    fetch: async () => ({
      fingerprint: String(records.length),
      records: (async function* (): AsyncGenerator<Advisory> {
        for (const each of records)
          yield* advisoriesOf(each, options, { now: new Date(TODAY), problem: (why) => assert.fail(why) });
      })(),
    }),
  };
  const matched = open.use(await matcherDatabase());
  const matcher = createMatcher({
    db: matched,
    ecosystems: ecosystems.map((each) =>
      each.id === of.id
        ? { ...of, feeds: [{ set: 'osv', feeds: async () => [feed] }] }
        : { ...each, feeds: [] },
    ),
    enrichers: [],
    now: () => new Date(records.length === 0 ? LAST_MONTH : TODAY),
    log: noLog,
    http: noHttp,
    indexer: { indexReport: (digest) => indexer.indexReport(digest) },
  });
  await matcher.updateFeeds({ signal });
  const verdictsOf = (body: unknown): Verdicts => {
    const { findings } = JSON.parse(String(body)) as VulnerabilityReportWire;
    return Object.fromEntries(
      findings.map((each: FindingWire) => [each.name, each.linked && [each.linked, each.linked_names]]),
    );
  };
  const indexReport = async (digest: Digest) =>
    JSON.parse((await indexer.indexReport(digest))!) as IndexReportWire;
  const judgedReport = async (report: IndexReportWire) =>
    verdictsOf((await matcher.matchReport(report)).body);
  return {
    store,
    matcher,
    db: matched,
    async stored(...files) {
      const manifest = manifestOf(store.layer(...files.map((file) => ({ ...file, mode: 0o755 }))));
      await indexer.index(manifest, { signal });
      return manifest.hash;
    },
    indexReport,
    async publish(published) {
      records = published;
      await matcher.updateFeeds({ signal });
    },
    judged: async (digest) => verdictsOf((await matcher.vulnerabilityReport(digest))!.body),
    judgedReport,
    async judgedSboms(digest) {
      const { report } = fromWire(await indexReport(digest));
      const sboms = [
        sealCycloneDx(cycloneDxOf(report, ecosystems, SUBJECT).document),
        writeSpdx(report, ecosystems, SUBJECT),
      ];
      return await Promise.all(
        sboms.map((text) => judgedReport(toWire(readSbom(Buffer.from(text), 'x', ecosystems).report))),
      );
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}
