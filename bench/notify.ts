/** From an update to stored notifications: 10,000 advisories change, 2,000 manifests are there to be affected. */
import { createHash } from 'node:crypto';
import { testDatabase } from '../src/db/database.fixture.ts';
import { connect, type Database } from '../src/db/database.ts';
import { migrate } from '../src/db/migrate.ts';
import { createIndexer } from '../src/indexer/indexer.ts';
import { lookupsRevision, manifestLookupsOf } from '../src/indexer/manifest-lookups.ts';
import { saveLookups } from '../src/indexer/store/save-lookups.ts';
import { saveManifest } from '../src/indexer/store/save-manifest.ts';
import { saveReport } from '../src/indexer/store/save-report.ts';
import { noLog } from '../src/lib/log.ts';
import { advisory, indexReport, text, toyEcosystem, toyFeed } from '../src/matcher/matcher.fixture.ts';
import { createMatcher } from '../src/matcher/matcher.ts';
import type { Advisory } from '../src/model/advisory.ts';
import { parseDigest } from '../src/model/digest.ts';
import { toWire } from '../src/model/index-report-wire.ts';
import { SEVERITIES } from '../src/model/severity.ts';
import { localManifests, localRuns } from '../src/notifier/local-sources.ts';
import { createNotifier } from '../src/notifier/notifier.ts';
import { INDEXER_SCHEMA, MATCHER_SCHEMA, NOTIFIER_SCHEMA } from '../src/schemas.ts';
import type { Bench } from './figures.ts';

const MANIFESTS = 2000;
const PACKAGES = 300;
/** Names that there are: each is in a fifteenth of the manifests. */
const NAMES = 4500;
const ADVISORIES = 40_000;
const CHANGED = 10_000;
const { signal } = new AbortController();

export const benchNotify: Bench = async (report) => {
  await using database = await testDatabase();
  await using db = await connect(database.dsn, { applicationName: 'bench' });
  for (const schema of [INDEXER_SCHEMA, MATCHER_SCHEMA, NOTIFIER_SCHEMA]) await migrate(db, schema);
  const state = { records: [] as Advisory[], fingerprint: '1' };
  const ecosystems = [toyEcosystem([toyFeed('bench', state)])];
  const scanner = { scan: () => Promise.reject(new Error('nothing is scanned here')) };
  const indexer = createIndexer({ db, ecosystems, scanner, log: noLog });
  const now = () => new Date();
  const matcher = createMatcher({ db, ecosystems, enrichers: [], indexer, now });
  const revision = lookupsRevision(ecosystems);
  for (let n = 0; n < MANIFESTS; n++) {
    const packages = Array.from({ length: PACKAGES }, (_, i) => ({
      name: `p${(n * 7 + i * 15 + (i % 15)) % NAMES}`,
      version: `1.${n % 9}`,
    }));
    await store(db, n, packages, ecosystems, revision);
  }
  await db.query({ text: 'vacuum analyze' });

  for (const summary of [true, false]) {
    await db.query({ text: 'truncate notifier_first_poll, notifier_updater, notification cascade' });
    const kind = summary ? 'summary' : 'all';
    const settings = {
      pollInterval: 1,
      deliveryInterval: 1,
      deliveryAttempts: 1,
      retention: 1,
      summary,
      baseline: 'skip' as const,
    };
    const notifier = createNotifier({
      db,
      runs: localRuns(matcher),
      manifests: localManifests(indexer),
      transports: [],
      settings,
      log: noLog,
      now,
    });
    state.records = Array.from({ length: ADVISORIES }, (_, n) => advisoryOf(n, 0));
    state.fingerprint += '+';
    await matcher.updateFeeds({ signal });
    await notifier.poll(signal);
    // Half of them new, the others another text of what was there.
    state.records = Array.from({ length: ADVISORIES + CHANGED / 2 }, (_, n) =>
      advisoryOf(n, n < ADVISORIES - CHANGED / 2 ? 0 : 1),
    );
    state.fingerprint += '+';
    await matcher.updateFeeds({ signal });
    const memory = watchMemory();
    const start = performance.now();
    await notifier.poll(signal);
    report(`${kind}_time`, performance.now() - start, 'ms');
    report(`${kind}_memory_growth`, memory.stop(), 'MB');
    const [row] = await db.query<{ items: number }>({
      text: 'select sum(items)::int8 as items from notification',
    });
    report(`${kind}_notifications`, row!.items, 'notifications');
  }
};

function advisoryOf(n: number, version: number): Advisory {
  const severity = SEVERITIES[n % SEVERITIES.length]!;
  return advisory(`p${n % NAMES}`, '', {
    below: n % 3 === 0 ? '1.0' : '2.0',
    vulnerability: text(`CVE-2026-${n}`, {
      description: `A flaw, told for the ${version} time. `.repeat(12),
      normalizedSeverity: severity,
    }),
  });
}

async function store(
  db: Database,
  n: number,
  packages: Parameters<typeof indexReport>[0],
  ecosystems: Parameters<typeof manifestLookupsOf>[1],
  revision: string,
): Promise<void> {
  const manifestHash = parseDigest(`sha256:${createHash('sha256').update(String(n)).digest('hex')}`);
  const made = { ...indexReport(packages), manifestHash };
  await db.transaction(async (tx) => {
    await saveManifest(tx, { hash: manifestHash, layers: [] });
    await saveReport(tx, manifestHash, {
      state: made.state,
      indexerState: '',
      report: JSON.stringify(toWire(made)),
    });
    await saveLookups(tx, revision, [manifestLookupsOf(made, ecosystems)]);
  });
}

/** How much more memory than now is resident, at the most. */
function watchMemory(): { stop(): number } {
  const before = process.memoryUsage.rss();
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, 20);
  return {
    stop() {
      clearInterval(timer);
      return (most - before) / 1e6;
    },
  };
}
