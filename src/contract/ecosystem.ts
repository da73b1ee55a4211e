/**
 * The interface between an ecosystem and the engines: how its packages are found in a layer
 * (detectors), how layers are combined (coalesce), which advisories apply to a package and how versions are
 * ordered (lookups, versions), and where its advisories come from (feeds).
 */
import type { Advisory } from '../model/advisory.ts';
import type { IndexRecord } from '../model/index-report.ts';
import type { VulnerableCode } from '../model/vulnerable-code.ts';
import type { Coalesce } from './coalesce.ts';
import type { Detector } from './detector.ts';
import type { FeedSet } from './feed.ts';
import type { Bounds, ForeignVulnerability } from './foreign.ts';
import type { Cover, Lookup, Naming } from './lookup.ts';
import type { PackageFile } from './package-file.ts';
import type { PackageList } from './package-list.ts';
import type { ProjectFile } from './project-file.ts';
import type { PurlMapping } from './purl-mapping.ts';
import type { Resolve, ResolverContext } from './resolver.ts';
import type { VersionScheme } from './version-scheme.ts';

export interface Ecosystem {
  readonly id: string;
  /** Package type in reports, such as `deb` or `npm`. Default: the id of the detector that found the package. */
  readonly type?: string;
  /** Keys of its scopes, or their prefixes with a colon at the end: `wolfi`, `debian:`. Unique across ecosystems. */
  readonly scopes: readonly string[];
  /** Additional names in `matchers.names`, with the scopes (as in `scopes`) that they select. */
  readonly matchers?: Readonly<Record<string, readonly string[]>>;
  /**
   * By name of a matcher in `matchers.config`: the scopes (as in `scopes`) in which its key `ignore_unpatched` omits
   * advisories without a fix.
   */
  readonly unpatched?: Readonly<Record<string, readonly string[]>>;
  /** Its distributions are used only if no other ecosystem detects one. */
  readonly fallback?: boolean;
  readonly detectors: readonly Detector[];
  /** What its detectors with `checkouts` read, and what none reads: reported in an image where none of it is installed. */
  readonly lists?: readonly PackageList[];
  /** What its lists are made from: reported in a directory of sources that has none of them. */
  readonly projectFiles?: readonly ProjectFile[];
  /** Its packages as files, which none of its detectors opens; reported where no package of that name is installed. */
  readonly packageFiles?: readonly PackageFile[];
  /** Created once per indexer: completes detections with data from the network before they are coalesced. */
  readonly resolver?: (context: ResolverContext) => Resolve;
  readonly coalesce: Coalesce;
  readonly versions: VersionScheme;
  /** Name of the only repository for whose packages it has lookups; undefined: `lookups` decides. */
  readonly repository?: string;
  /** Returns the lookups for `record`. Empty if another ecosystem owns it or its scope is unknown. */
  readonly lookups: (record: IndexRecord) => readonly Lookup[];
  /** For an ecosystem with packages of unknown names; undefined: all names are known. */
  readonly naming?: Naming;
  /** For scopes that contain other scopes (CPEs of Red Hat repositories); undefined: a scope covers only itself. */
  readonly cover?: Cover;
  /**
   * Returns the advisories of a vulnerability in Clair's JSON (an offline export, the body of affected_manifest).
   * Empty if another ecosystem owns it. Throws `bad-request` if it cannot be parsed.
   */
  readonly advisoriesOf: (vulnerability: ForeignVulnerability) => readonly Advisory[];
  /** Returns the `range` that Clair v4's matcher evaluates; undefined: it has none. */
  readonly rangeOf?: (interval: Bounds) => ForeignVulnerability['range'];
  /** For feeds that do not say it: returns the code that an advisory of these `names` is about; undefined: not known. */
  readonly vulnerableCode?: (names: readonly string[]) => VulnerableCode | undefined;
  /** Conversion of its packages to and from package URLs. */
  readonly purl?: PurlMapping;
  readonly feeds: readonly FeedSet[];
}
