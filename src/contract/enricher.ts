/** Facts about CVEs, whatever the package. */
import type { Enrichment } from '../model/advisory.ts';
import type { CveFacts } from '../model/cve-facts.ts';
import type { Release, Support } from '../model/lifecycle.ts';
import type { Distribution, Package } from '../model/package.ts';
import type { FeedContext, Fetched } from './feed.ts';

/** A record of an enricher: its form is the enricher's own. */
export type EnrichmentRecord = Readonly<Record<string, unknown>>;

/** A source of facts about CVEs, whatever the package. */
export interface Enricher {
  /** `clair.cvss`: updater name and key in `updaters.config`. */
  readonly name: string;
  /** Key in a report's `enrichments`. */
  readonly type: string;
  /**
   * Set where a record is `cve`, two probabilities by these names, and what all records of a load have in common: since
   * all of them change every day, a hundred CVEs are kept as one row.
   */
  readonly probabilities?: readonly [string, string];
  /**
   * What its records about one CVE, or about several of one vulnerability, mean for a finding; absent: nothing. What is none
   * of the members that findings have is a note.
   */
  readonly facts?: (records: readonly EnrichmentRecord[]) => CveFacts;
  /** Of one that knows until when releases are supported. */
  readonly lifecycles?: Lifecycles;
  fetch(
    fingerprint: string,
    config: unknown,
    context: FeedContext,
  ): Promise<FetchedEnrichments | 'unchanged'>;
}

/** Until when releases of distributions, and of programs that no package brought, are supported. */
export interface Lifecycles {
  /** The release that it is; undefined: none that is known. */
  releaseOf(distribution: Distribution): Release | undefined;
  releaseOfProgram(program: Package): Release | undefined;
  /** What the record of a release is kept under; of no other enricher. */
  tagOf(release: Release): string;
  /** `record`: its JSON; undefined: it is not loaded. undefined: nothing is known of the release. */
  supportOf(release: Release, record: string | undefined): Support | undefined;
}

/** What an enricher has for us; its fingerprint is asked for once all of `records` is read. */
export interface FetchedEnrichments extends Pick<Fetched<Enrichment>, 'fingerprint' | 'records'> {
  /** Set if `records` is not all: what its tags begin with. What was known of others stays. Not with `probabilities`. */
  readonly prefixes?: readonly string[];
}
