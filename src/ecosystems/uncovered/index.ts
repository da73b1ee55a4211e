/** Packages that are known, and of which no feed speaks: they are counted, so that a report says that they were not checked. */
import type { Ecosystem } from '../../contract/ecosystem.ts';
import type { VersionScheme } from '../../contract/version-scheme.ts';
import { byPath } from '../coalesce.ts';
import { conanLocks } from './detect-conan.ts';
import { conanCache } from './detect-conan-cache.ts';
import { podLocks } from './detect-pods.ts';
import { recordDetectors } from './detect-records.ts';
import { storeDetectors } from './detect-stores.ts';

/** Orders nothing, because nothing is looked up. */
const noVersions: VersionScheme<never> = {
  id: 'none',
  parse: () => undefined,
  compare: () => 0,
  key: () => undefined,
};

/** OSV publishes no advisories of Conan, and has no ecosystem for the others (ossf.github.io/osv-schema). */
export const uncovered: Ecosystem = {
  id: 'uncovered',
  scopes: [],
  fallback: true,
  detectors: [...recordDetectors, ...storeDetectors, conanCache, conanLocks, podLocks],
  coalesce: byPath,
  versions: noVersions,
  lookups: () => [],
  advisoriesOf: () => [],
  feeds: [],
};
