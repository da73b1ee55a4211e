/**
 * What an ecosystem has to say, and all that the engines know of it: how its packages are found in a layer
 * (detectors), how layers add up (coalesce), where a package's version means something and how versions are
 * ordered (lookups, versions), and where its advisories come from (feeds).
 */
import type { Advisory } from '../model/advisory.ts';
import type { IndexRecord } from '../model/index-report.ts';
import type { Coalesce } from './coalesce.ts';
import type { Detector } from './detector.ts';
import type { FeedSet } from './feed.ts';
import type { Bounds, ForeignVulnerability } from './foreign.ts';
import type { Cover, Lookup, Naming } from './lookup.ts';
import type { PurlMapping } from './purl-mapping.ts';
import type { Resolve, ResolverContext } from './resolver.ts';
import type { VersionScheme } from './version-scheme.ts';

export interface Ecosystem {
  readonly id: string;
  /** What people call its packages in reports: `deb`, `npm`. Default: the id of the detector that found them. */
  readonly type?: string;
  /** How the keys of its scopes begin, with a colon at the end, or what they are: `debian:`, `wolfi`. No two ecosystems share one. */
  readonly scopes: readonly string[];
  /** Names in `matchers.names` of the configuration, beside its id and its scopes -> the scopes (as `scopes` has them) that are meant. */
  readonly matchers?: Readonly<Record<string, readonly string[]>>;
  /**
   * By the name of a matcher in `matchers.config`: the scopes (as `scopes` has them) of which its key `ignore_unpatched` leaves
   * out what has no fix.
   */
  readonly unpatched?: Readonly<Record<string, readonly string[]>>;
  /** Its distributions count only where no other ecosystem knows one. */
  readonly fallback?: boolean;
  readonly detectors: readonly Detector[];
  /** Made once for an indexer: completes lookups by what must be asked elsewhere, before they are coalesced. */
  readonly resolver?: (context: ResolverContext) => Resolve;
  readonly coalesce: Coalesce;
  readonly versions: VersionScheme;
  /** What of `record` is looked up in the advisories; empty if the record is another ecosystem's or of no known scope. */
  readonly lookups: (record: IndexRecord) => readonly Lookup[];
  /** Of an ecosystem some of whose packages do not say their names; undefined: all of them do. */
  readonly naming?: Naming;
  /** For scopes that contain one another (the CPEs of Red Hat's repositories); undefined: a scope covers itself alone. */
  readonly cover?: Cover;
  /**
   * Reads a vulnerability as Clair writes it (an offline export, the body of affected_manifest) back into what its feed said.
   * Empty if it is another ecosystem's; throws `bad-request` if it is this one's and cannot be read.
   */
  readonly advisoriesOf: (vulnerability: ForeignVulnerability) => readonly Advisory[];
  /** The `range` that Clair's own matcher of this ecosystem looks at; undefined: it has none. */
  readonly rangeOf?: (interval: Bounds) => ForeignVulnerability['range'];
  /** Its packages as package URLs, for SBOMs. */
  readonly purl?: PurlMapping;
  readonly feeds: readonly FeedSet[];
}
