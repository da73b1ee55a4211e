/** From vulnerabilities to manifests: a generated store of 1,000 manifests, asked about 1,000 vulnerabilities at once. */
import { testDatabase } from '../src/db/database.fixture.ts';
import { connect, type Database } from '../src/db/database.ts';
import { migrate } from '../src/db/migrate.ts';
import { ecosystems } from '../src/ecosystems/index.ts';
import { clairAnswer } from '../src/indexer/affected.fixture.ts';
import { createIndexer } from '../src/indexer/indexer.ts';
import { lookupsRevision, manifestLookupsOf } from '../src/indexer/manifest-lookups.ts';
import { saveLookups } from '../src/indexer/store/save-lookups.ts';
import { saveManifest } from '../src/indexer/store/save-manifest.ts';
import { saveReport } from '../src/indexer/store/save-report.ts';
import { noLog } from '../src/lib/log.ts';
import type { IndexedPackage, IndexReport } from '../src/model/index-report.ts';
import { toWire } from '../src/model/index-report-wire.ts';
import { INDEXER_SCHEMA } from '../src/schemas.ts';
import type { Bench } from './figures.ts';
import { DEBIAN, type Dice, diceFrom, digestOf, libraryOf, pythonPackage } from './made-packages.ts';
import { quantile } from './measure.ts';

const MANIFESTS = 1000;
const VULNERABILITIES = 1000;
const ROUNDS = 10;

export const benchAffected: Bench = async (report) => {
  await using database = await testDatabase();
  await using db = await connect(database.dsn, { applicationName: 'bench' });
  await migrate(db, INDEXER_SCHEMA);
  const next = diceFrom(1);
  // Images are built on a dozen others, each with packages of its own: 300 of the system, 100 of PyPI.
  const bases = Array.from({ length: 12 }, () => Array.from({ length: 300 }, () => libraryOf(next)));
  const stored: number[] = [];
  for (let n = 0; n < MANIFESTS; n++) {
    const own = Array.from({ length: 100 }, () => pythonPackage(next));
    stored.push(await store(db, reportOf(n, [...bases[next(bases.length)]!, ...own])));
  }
  await db.query({ text: 'vacuum analyze' });
  report('manifests', MANIFESTS, 'manifests');
  report('store_p50', quantile(stored, 0.5), 'ms');
  report('store_p95', quantile(stored, 0.95), 'ms');
  report('findings_size', await sizeOf(db, 'finding', 'finding_scope', 'manifest_finding'), 'MB');
  report('reports_size', await sizeOf(db, 'index_report'), 'MB');

  const scanner = { scan: () => Promise.reject(new Error('nothing is scanned here')) };
  const indexer = createIndexer({ db, ecosystems, scanner, log: noLog });
  const asked = Array.from({ length: VULNERABILITIES }, (_, n) => vulnerability(n, next));
  const times: number[] = [];
  let pairs = 0;
  let affected = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    const answer = await clairAnswer(indexer, asked, AbortSignal.timeout(60_000));
    times.push(performance.now() - start);
    const lists = Object.values(answer.vulnerable_manifests);
    affected = lists.length;
    pairs = lists.reduce((sum, ids) => sum + ids.length, 0);
  }
  report('vulnerabilities', VULNERABILITIES, 'vulnerabilities');
  report('affected', affected, 'manifests');
  report('pairs', pairs, 'pairs');
  report('first', times[0]!, 'ms');
  report('p50', quantile(times, 0.5), 'ms');
  report('max', Math.max(...times), 'ms');
};

/** As Clair writes it; a third is of PyPI. */
function vulnerability(n: number, next: Dice): object {
  const shared = {
    id: String(n),
    updater: 'bench',
    name: `CVE-2020-${10_000 + n}`,
    description: 'A flaw that lets attackers do what they should not. '.repeat(8),
    issued: '2020-01-02T03:04:05Z',
    links: `https://example.com/CVE-2020-${10_000 + n}`,
    severity: '',
    normalized_severity: ['Low', 'Medium', 'High', 'Critical'][next(4)],
    Self: { Name: '', Space: {} },
    Aliases: null,
  };
  const fixed = `${1 + next(2)}.${next(20)}.0`;
  if (n % 3 === 0) {
    const pkg = { name: `project-${next(4000)}`, kind: 'binary' };
    return { ...shared, package: pkg, repository: { name: 'pypi' }, fixed_in_version: `fixed=${fixed}` };
  }
  const { did, name, version, versionId } = DEBIAN;
  return {
    ...shared,
    package: { name: `lib${next(3000)}-src`, kind: 'source' },
    distribution: { did, name, version, version_id: versionId },
    fixed_in_version: fixed,
  };
}

function reportOf(n: number, packages: readonly IndexedPackage[]): IndexReport {
  return {
    manifestHash: digestOf(`manifest ${n}`),
    state: 'IndexFinished',
    success: true,
    err: '',
    packages,
    distributions: [DEBIAN],
    repositories: [{ name: 'pypi' }],
    problems: [],
  };
}

/** Milliseconds that the lookups cost, of storing a report. */
async function store(db: Database, report: IndexReport): Promise<number> {
  const json = JSON.stringify(toWire(report));
  let cost = 0;
  await db.transaction(async (tx) => {
    await saveManifest(tx, { hash: report.manifestHash, layers: [] });
    await saveReport(tx, report.manifestHash, { state: report.state, indexerState: '', report: json });
    const start = performance.now();
    const revision = lookupsRevision(ecosystems);
    await saveLookups(tx, revision, [manifestLookupsOf(report, ecosystems)]);
    cost = performance.now() - start;
  });
  return cost;
}

async function sizeOf(db: Database, ...tables: string[]): Promise<number> {
  const [row] = await db.query<{ size: number }>({
    text: 'select sum(pg_total_relation_size(name::regclass))::bigint as size from unnest($1::text[]) as t (name)',
    values: [tables],
  });
  return row!.size / 1e6;
}
