/** For tests of affected manifests: two made ecosystems, stored reports, and vulnerabilities as Clair writes them. */
import type { Ecosystem } from '../contract/ecosystem.ts';
import type { Cover } from '../contract/lookup.ts';
import type { Database } from '../db/database.ts';
import { advisoryOf } from '../formats/clair/foreign.ts';
import { noLog } from '../lib/log.ts';
import { toyDistribution, toyEcosystem } from '../matcher/matcher.fixture.ts';
import type { Digest } from '../model/digest.ts';
import type { IndexReport } from '../model/index-report.ts';
import { toWire } from '../model/index-report-wire.ts';
import type { Package } from '../model/package.ts';
import { createIndexer, type Indexer } from './indexer.ts';
import { lookupsRevision, manifestLookupsOf } from './manifest-lookups.ts';
import { saveLookups } from './store/save-lookups.ts';
import { saveManifest } from './store/save-manifest.ts';
import { saveReport } from './store/save-report.ts';

export const { signal } = new AbortController();
export const now = () => new Date('2026-02-03T04:05:06Z');

export const toy = toyEcosystem();

const cover: Cover = {
  prefix: 'wide:',
  covers: (advisory, lookup) => lookup.startsWith(advisory),
};
/** Its scopes contain one another: `wide:a` holds for `wide:a:b`. */
const wide: Ecosystem = {
  ...toyEcosystem(),
  id: 'wide',
  scopes: ['wide:'],
  lookups: ({ package: { name, kind, version }, repository }) =>
    repository?.key === 'wide' ? [{ scope: `wide:${repository.name}`, name, kind, version }] : [],
  cover,
  advisoriesOf: (foreign) =>
    foreign.repository.key === 'wide'
      ? [advisoryOf(foreign, { scope: `wide:${foreign.repository.name}`, kind: 'binary', interval: {} })]
      : [],
};
const ecosystems = [toy, wide];

export type Packages = readonly (Pick<Package, 'name' | 'version'> & Partial<Package>)[];

export function inDistribution(report: IndexReport, release: string): IndexReport {
  const distribution = toyDistribution(release);
  return {
    ...report,
    distributions: [distribution],
    packages: report.packages.map(({ package: pkg, environments }) => ({
      package: pkg,
      environments: environments.map((environment) => ({ ...environment, distribution })),
    })),
  };
}

export function toyDistributionWire(version_id: string): Record<string, string> {
  return { did: 'toy', name: 'Toy', version_id };
}

/** A vulnerability of release 1 as Clair writes it, as far as it matters. */
export function vulnerability(id: string, name: string, changes: object = {}): Record<string, unknown> {
  return {
    id,
    name: 'X',
    normalized_severity: 'High',
    package: { name, kind: 'binary' },
    distribution: toyDistributionWire('1'),
    repository: { cpe: '' },
    fixed_in_version: '',
    Self: { Name: '', Space: {} },
    Aliases: null,
    ...changes,
  };
}

export function indexerOf(
  db: Database,
  warn: (message: string) => void = () => {},
  compact = false,
): Indexer {
  const scanner = { scan: () => Promise.reject(new Error('nothing is scanned here')) };
  return createIndexer({ db, ecosystems, scanner, compact, log: { ...noLog, warn } });
}

/** As the indexer stores what it has found. */
export async function storeReport(
  db: Database,
  report: IndexReport,
  { layers = [], compact = false }: { layers?: readonly Digest[]; compact?: boolean } = {},
): Promise<void> {
  await db.transaction(async (tx) => {
    const references = layers.map((hash) => ({ hash, uri: '', headers: {} }));
    await saveManifest(tx, { hash: report.manifestHash, layers: references }, compact);
    const json = JSON.stringify(toWire(report));
    await saveReport(tx, report.manifestHash, { state: report.state, indexerState: '', report: json });
    await saveLookups(tx, lookupsRevision(ecosystems, compact), [manifestLookupsOf(report, ecosystems)]);
  });
}

/** A database whose process is killed after so many transactions. */
export function killedAfter(db: Database, transactions: number): Database {
  let left = transactions;
  return {
    ...db,
    transaction: async (work) => {
      if (left-- === 0) throw new Error('killed');
      return await db.transaction(work);
    },
  };
}
