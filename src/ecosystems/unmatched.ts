/** What an ecosystem says whose packages are listed and never matched. */
import type { Ecosystem } from '../contract/ecosystem.ts';
import type { VersionScheme } from '../contract/version-scheme.ts';

/** Orders nothing, because nothing is looked up. */
const noVersions: VersionScheme<never> = {
  id: 'none',
  parse: () => undefined,
  compare: () => 0,
  key: () => undefined,
};

/** The members of an ecosystem without advisories; it comes after all that have some. */
export const unmatched: Omit<Ecosystem, 'id' | 'detectors' | 'coalesce'> = {
  scopes: [],
  fallback: true,
  versions: noVersions,
  lookups: () => [],
  advisoriesOf: () => [],
  feeds: [],
};
