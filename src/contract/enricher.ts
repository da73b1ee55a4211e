/** Enrichers: facts about CVEs, independent of the package. */
import type { Enrichment } from '../model/advisory.ts';
import type { CveFacts } from '../model/cve-facts.ts';
import type { Release, Support } from '../model/lifecycle.ts';
import type { Distribution, Package } from '../model/package.ts';
import type { FeedContext, Fetched } from './feed.ts';

/** A record of an enricher, in the enricher's own form. */
export type EnrichmentRecord = Readonly<Record<string, unknown>>;

/** A source of facts about CVEs, independent of the package. */
export interface Enricher {
  /** `clair.cvss`: updater name and key in `updaters.config`. */
  readonly name: string;
  /** Key in a report's `enrichments`. */
  readonly type: string;
  /**
   * Set if a record consists of `cve`, two probabilities with these names (0 to 1), and members that all records of a load share. Because
   * all of them change every day, 100 CVEs are stored as one row.
   */
  readonly probabilities?: readonly [string, string];
  /**
   * Returns the facts in its records about the CVEs of one vulnerability; absent: none. Facts that are not
   * members of a finding are notes.
   */
  readonly facts?: (records: readonly EnrichmentRecord[]) => CveFacts;
  /** Support periods of releases, if this enricher has them. */
  readonly lifecycles?: Lifecycles;
  fetch(
    fingerprint: string,
    config: unknown,
    context: FeedContext,
  ): Promise<FetchedEnrichments | 'unchanged'>;
}

/** Support periods of distribution releases, and of programs that no package owns. */
export interface Lifecycles {
  /** Returns the release of a distribution; undefined if unknown. */
  releaseOf(distribution: Distribution): Release | undefined;
  releaseOfProgram(program: Package): Release | undefined;
  /** Returns the key of the stored record of a release; unique across enrichers. */
  tagOf(release: Release): string;
  /** Returns the support period in `record` (JSON; undefined: not loaded); undefined if the release is unknown. */
  supportOf(release: Release, record: string | undefined): Support | undefined;
}

/** The result of a fetch. The fingerprint is read after all of `records`. */
export interface FetchedEnrichments extends Pick<Fetched<Enrichment>, 'fingerprint' | 'records'> {
  /** Set if `records` is a part: prefixes of its tags. Records with other tags stay. Not with `probabilities`. */
  readonly prefixes?: readonly string[];
}
