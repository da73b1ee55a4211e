/** For tests: a small ecosystem with feeds made of arrays, and a matcher on a database of its own. */

import type { Detector } from '../contract/detector.ts';
import type { Ecosystem } from '../contract/ecosystem.ts';
import type { Enricher } from '../contract/enricher.ts';
import type { Feed, Fetched } from '../contract/feed.ts';
import type { ForeignVulnerability } from '../contract/foreign.ts';
import type { VersionScheme } from '../contract/version-scheme.ts';
import { testDatabase } from '../db/database.fixture.ts';
import { connect, type Database } from '../db/database.ts';
import { migrate } from '../db/migrate.ts';
import { advisoryOf } from '../formats/clair/foreign.ts';
import { createHttpClient } from '../lib/http-client.ts';
import type { Advisory, Enrichment, Scope, VulnerabilityText } from '../model/advisory.ts';
import type { IndexReport } from '../model/index-report.ts';
import { type Distribution, NO_DISTRIBUTION, type Package } from '../model/package.ts';

/** Numbers with dots. A leading `!` orders the same but has no key, as Maven's cycles; anything else is no version. */
export const dotted: VersionScheme<{ readonly keyed: boolean; readonly numbers: readonly number[] }> = {
  id: 'dotted',
  parse(text) {
    if (!/^!?\d{1,9}(\.\d{1,9}){0,9}$/.test(text)) return undefined;
    return { keyed: !text.startsWith('!'), numbers: text.replace('!', '').split('.').map(Number) };
  },
  compare(a, b) {
    for (let i = 0; i < Math.max(a.numbers.length, b.numbers.length); i++) {
      const order = (a.numbers[i] ?? -1) - (b.numbers[i] ?? -1);
      if (order !== 0) return order;
    }
    return 0;
  },
  key({ keyed, numbers }) {
    if (!keyed) return undefined;
    const key = Buffer.alloc(4 * numbers.length);
    for (const [index, number] of numbers.entries()) key.writeUInt32BE(number, 4 * index);
    return key;
  },
};

/** Looks packages up in `toy:<versionId>`, by their own name and by their source's. */
export function toyEcosystem(feeds: readonly Feed[] = [], set = 'toy'): Ecosystem {
  return {
    id: 'toy',
    scopes: ['toy:'],
    detectors: [] as readonly Detector[],
    coalesce: () => ({ packages: [], distributions: [], repositories: [] }),
    versions: dotted,
    lookups({ package: pkg, distribution }) {
      if (distribution?.did !== 'toy') return [];
      if (pkg.name === 'throws') throw new Error('cannot tell');
      const { kind, version, arch, module } = pkg;
      const shared = {
        scope: `toy:${distribution.versionId}`,
        ...(arch && { arch }),
        ...(module && { module }),
      };
      return [
        { ...shared, name: pkg.name, kind, version },
        ...(pkg.source
          ? [{ ...shared, name: pkg.source.name, kind: 'source' as const, version: pkg.source.version }]
          : []),
      ];
    },
    advisoriesOf: toyAdvisoriesOf,
    feeds: [{ set, feeds: async () => feeds }],
  };
}

/** Vulnerabilities of the toy ecosystem, read back. */
function toyAdvisoriesOf(foreign: ForeignVulnerability): readonly Advisory[] {
  const { distribution, fixedInVersion, archOp, package: pkg } = foreign;
  if (distribution.did !== 'toy') return [];
  return [
    advisoryOf(foreign, {
      scope: `toy:${distribution.versionId}`,
      kind: 'binary',
      interval: fixedInVersion === '' ? {} : { below: fixedInVersion },
      ...(archOp === 'equals' && { arches: [pkg.arch] }),
      ...(archOp === 'pattern match' && { arches: pkg.arch.split('|') }),
    }),
  ];
}

export function toyDistribution(versionId: string): Distribution {
  return { ...NO_DISTRIBUTION, did: 'toy', name: 'Toy', versionId, prettyName: `Toy ${versionId}` };
}

export const TOY_1: Scope = { key: 'toy:1', distribution: toyDistribution('1') };

/** A feed that says what `state.records` holds at the time; unchanged while `state.fingerprint` stays. */
export function toyFeed(
  name: string,
  state: { records: Iterable<Advisory> | AsyncIterable<Advisory>; fingerprint?: string },
  scopes: readonly Scope[] = [TOY_1],
): Feed {
  return {
    name,
    scopes,
    versions: dotted,
    fetch: async (since) => fetched(since, state),
  };
}

export function toyEnricher(
  name: string,
  state: { records: Iterable<Enrichment>; fingerprint?: string },
): Enricher {
  return { name, type: `test/${name}`, fetch: async (since) => fetched(since, state) };
}

function fetched<T>(
  since: string,
  { records, fingerprint = '' }: { records: Iterable<T> | AsyncIterable<T>; fingerprint?: string },
): Fetched<T> | 'unchanged' {
  if (since !== '' && since === fingerprint) return 'unchanged';
  return {
    fingerprint,
    records: (async function* () {
      yield* records;
    })(),
  };
}

export function text(name: string, more: Partial<VulnerabilityText> = {}): VulnerabilityText {
  return {
    name,
    description: `about ${name}`,
    links: `https://example.com/${name}`,
    severity: 'high',
    normalizedSeverity: 'High',
    ...more,
  };
}

export function advisory(name: string, vulnerability: string, more: Partial<Advisory> = {}): Advisory {
  return {
    scope: 'toy:1',
    name,
    kind: 'binary',
    fixedInVersion: more.below ?? '',
    vulnerability: text(vulnerability),
    ...more,
  };
}

/** A finished report of an image with these packages, all of one distribution. */
export function indexReport(
  packages: readonly (Pick<Package, 'name' | 'version'> & Partial<Package>)[],
  distribution: Distribution | undefined = toyDistribution('1'),
): IndexReport {
  const layer = `sha256:${'1'.repeat(64)}` as IndexReport['manifestHash'];
  return {
    manifestHash: `sha256:${'0'.repeat(64)}` as IndexReport['manifestHash'],
    state: 'IndexFinished',
    success: true,
    err: '',
    packages: packages.map((pkg) => ({
      package: { kind: 'binary', ...pkg },
      environments: [
        { packageDb: 'var/lib/toy', introducedIn: layer, ...(distribution && { distribution }) },
      ],
    })),
    distributions: distribution ? [distribution] : [],
    repositories: [],
    problems: [],
  };
}

/** A migrated database that is gone when disposed. */
export async function matcherDatabase(): Promise<Database & { readonly dsn: string }> {
  await using resources = new AsyncDisposableStack();
  const { dsn } = resources.use(await testDatabase());
  const db = resources.use(await connect(dsn, { applicationName: 'matcher-test' }));
  await migrate(db, { ledger: 'matcher_migrations', directory: new URL('./migrations/', import.meta.url) });
  const owned = resources.move();
  return { ...db, dsn, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** A client for feeds that ask nobody. */
export const noHttp = createHttpClient();
