/** How the updates of a publisher of rpms are read. */
import type { Severity } from '../../../model/severity.ts';
import type { ModuleBuilds } from '../scopes/module-builds.ts';

/** What is peculiar to the updates of one publisher. */
export interface UpdateRules {
  /** The feed, for errors. */
  readonly feed: string;
  readonly scope: string;
  /** The publisher's words for severities, in small letters. */
  readonly severities: ReadonlyMap<string, Severity>;
  /**
   * Whether an update has what was built of all architectures, and the sources (as Fedora's build system lists them): then it
   * holds for any, and for all that was built of a source. Default: for what it lists alone.
   */
  readonly listsBuilds?: boolean;
  /** Whether it has updates that are about no vulnerability; default: all are about some. */
  readonly isMixed?: boolean;
  /** The page of an update, by its id; default: it has none. */
  readonly pageOf?: (id: string) => string;
  /** Whether dates of issue are shown. */
  readonly dated?: boolean;
  /** The modules of a repository that has nothing else: what an update does not tell of its module and packages is there. */
  readonly modules?: ModuleBuilds;
  /** The first version that an update to `fixed` is about; default: all before it. */
  readonly firstOf?: (fixed: string) => string | undefined;
}
