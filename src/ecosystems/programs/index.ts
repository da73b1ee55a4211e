/** Programs that no package of the distribution brought: built from source, or from packages of their makers. */
import type { Ecosystem } from '../../contract/ecosystem.ts';
import { lazyFeeds } from '../../feeds/lazy-feeds.ts';
import { foreignOsv } from '../../formats/clair/foreign-language.ts';
import { byPath } from '../coalesce.ts';
import { bitnamiFeeds } from './bitnami-feed.ts';
import { bitnamiComponents } from './detect-bitnami.ts';
import { detectPrograms } from './detect-programs.ts';
import { BITNAMI_SCOPE, lookups, NVD, NVD_SCOPE, nvdLookups, UNFED_SCOPE, UPSTREAM } from './lookups.ts';
import { purl } from './purl.ts';
import { programVersions } from './version.ts';

/** Interpreters, servers and libraries by the marks of their makers, matched against ranges of upstream versions. */
const byBitnami: Ecosystem = {
  id: 'programs',
  type: 'program',
  scopes: [BITNAMI_SCOPE, UNFED_SCOPE],
  detectors: [detectPrograms, bitnamiComponents],
  coalesce: byPath,
  versions: programVersions,
  lookups,
  purl,
  ...foreignOsv({ scope: BITNAMI_SCOPE, repository: UPSTREAM, versions: 'query' }),
  feeds: [bitnamiFeeds],
};

/** Those of them that only the NVD knows: its files are big, and loaded where one of them was found. */
const byNvd: Ecosystem = {
  id: 'programs-nvd',
  scopes: [NVD_SCOPE],
  detectors: [],
  coalesce: byPath,
  versions: programVersions,
  lookups: nvdLookups,
  ...foreignOsv({ scope: NVD_SCOPE, repository: NVD, versions: 'query' }),
  feeds: [lazyFeeds('nvd', async () => (await import('./nvd/feed.ts')).nvdFeeds)],
};

/** Programs, by who has advisories about them. */
export const programs: readonly Ecosystem[] = [byBitnami, byNvd];
