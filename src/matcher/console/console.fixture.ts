/** For tests: a matcher with a console on a database of its own, and an indexer that says what a test puts into it. */
import type { Enricher } from '../../contract/enricher.ts';
import type { Database } from '../../db/database.ts';
import { noLog } from '../../lib/log.ts';
import type { Advisory } from '../../model/advisory.ts';
import type { Digest } from '../../model/digest.ts';
import { toWire } from '../../model/index-report-wire.ts';
import type { LinkedCode } from '../../model/linked-code.ts';
import type { ManifestChange, ManifestChanges } from '../../model/manifest-changes.ts';
import type { Package } from '../../model/package.ts';
import { indexReport, matcherDatabase, toyDistribution, toyEcosystem, toyFeed } from '../matcher.fixture.ts';
import { createMatcher, type IndexerClient, type Matcher } from '../matcher.ts';
import { createSeen, type SeenImages } from './store/seen.ts';
import { keepUpOnce, type UpkeepParts } from './upkeep.ts';

type ToyPackage = Pick<Package, 'name' | 'version'> & Partial<Package>;

export interface ToyImage {
  readonly packages: readonly ToyPackage[];
  /** More of them, of a distribution that no feed covers. */
  readonly uncovered?: readonly ToyPackage[];
  readonly names?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly layers?: readonly string[];
  readonly failed?: string;
  /** Code of the place that all packages are in. */
  readonly linked?: LinkedCode;
}

export const digestOf = (n: number): Digest => `sha256:${String(n).padStart(64, '0')}` as Digest;
const LAYER = `sha256:${'1'.repeat(64)}` as Digest;

/** A console whose clock stands still until it is set. */
export class ToyConsole implements AsyncDisposable {
  readonly db: Database & { readonly dsn: string };
  readonly matcher: Matcher;
  readonly parts: UpkeepParts;
  readonly seen: SeenImages = createSeen();
  now = new Date('2026-11-30T12:00:00Z');
  readonly #reports = new Map<string, string>();
  readonly #feed: { records: Advisory[]; fingerprint: string };
  /** What the indexer says that waits. */
  queue: ManifestChanges['queue'] = { waiting: 0, oldest: null };
  readonly #changes: ManifestChange[] = [];
  #version = 0;

  private constructor(
    db: Database & { readonly dsn: string },
    advisories: Advisory[],
    enrichers: readonly Enricher[],
  ) {
    this.db = db;
    this.#feed = { records: advisories, fingerprint: '1' };
    const ecosystems = [toyEcosystem([toyFeed('toy/1', this.#feed)])];
    const now = (): Date => this.now;
    const indexer: IndexerClient = {
      indexReport: async (digest) => this.#reports.get(digest),
      manifests: async (after) => ({
        changes: this.#changes.slice(Number(after || 0)),
        next: null,
        resume: String(this.#changes.length),
        queue: this.queue,
      }),
    };
    this.matcher = createMatcher({ db, ecosystems, enrichers, indexer, now });
    this.parts = {
      db,
      matcher: this.matcher,
      ecosystems,
      indexer,
      enrichers: enrichers.map(({ name }) => name),
      seen: this.seen,
      now,
      log: noLog,
    };
  }

  static async open(advisories: Advisory[], enrichers: readonly Enricher[] = []): Promise<ToyConsole> {
    const toy = new ToyConsole(await matcherDatabase(), advisories, enrichers);
    await toy.updateFeeds();
    return toy;
  }

  async updateFeeds(records?: Advisory[]): Promise<void> {
    if (records !== undefined) {
      this.#feed.records = records;
      this.#feed.fingerprint = String(Number(this.#feed.fingerprint) + 1);
    }
    await this.matcher.updateFeeds({ signal: AbortSignal.timeout(60_000) });
  }

  /** The indexer has image `n` now, as `image` is. */
  index(n: number, image: ToyImage): void {
    const digest = digestOf(n);
    const { linked, uncovered = [] } = image;
    const covered = indexReport(image.packages);
    const others = indexReport(uncovered, toyDistribution('99'));
    const report = {
      ...covered,
      packages: [...covered.packages, ...others.packages],
      distributions: [
        ...(image.packages.length > 0 || uncovered.length === 0 ? covered.distributions : []),
        ...(uncovered.length > 0 ? others.distributions : []),
      ],
      manifestHash: digest,
      ...(linked && { linked: [{ ...linked, packageDb: 'var/lib/toy', introducedIn: LAYER }] }),
    };
    if (image.failed === undefined) this.#reports.set(digest, JSON.stringify(toWire(report)));
    this.#changes.push({
      digest,
      version: String(++this.#version),
      gone: false,
      state: image.failed === undefined ? 'IndexFinished' : 'IndexError',
      error: image.failed ?? null,
      indexed: this.now.toISOString(),
      layers: image.layers ?? [LAYER],
      names: (image.names ?? []).map((text) => {
        const at = text.lastIndexOf(':');
        return { name: text.slice(0, at), tag: text.slice(at + 1), at: this.now.toISOString() };
      }),
      labels: image.labels ?? {},
      instructions: null,
      in_use: false,
    });
  }

  delete(n: number): void {
    this.#reports.delete(digestOf(n));
    this.#changes.push({
      ...{ digest: digestOf(n), version: String(++this.#version), gone: true, state: '', error: null },
      ...{ indexed: null, layers: [], names: [], labels: {}, instructions: null, in_use: false },
    });
  }

  /** Until there is nothing to do. */
  async keepUp(): Promise<void> {
    const signal = AbortSignal.timeout(60_000);
    while (await keepUpOnce(this.parts, signal)) signal.throwIfAborted();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.db[Symbol.asyncDispose]();
  }
}
