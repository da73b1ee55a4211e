/** Programs that no package of the distribution brought: built from source, or from packages of their makers. */
import type { Ecosystem } from '../../contract/ecosystem.ts';
import { foreignOsv } from '../../formats/clair/foreign-language.ts';
import { byPath } from '../coalesce.ts';
import { bitnamiFeeds } from './bitnami-feed.ts';
import { detectPrograms } from './detect-programs.ts';
import { BITNAMI_SCOPE, lookups, UNFED_SCOPE, UPSTREAM } from './lookups.ts';
import { purl } from './purl.ts';
import { programVersions } from './version.ts';

/** Interpreters, servers and libraries by the marks of their makers, matched against ranges of upstream versions. */
export const programs: Ecosystem = {
  id: 'programs',
  type: 'program',
  scopes: [BITNAMI_SCOPE, UNFED_SCOPE],
  detectors: [detectPrograms],
  coalesce: byPath,
  versions: programVersions,
  lookups,
  purl,
  ...foreignOsv({ scope: BITNAMI_SCOPE, repository: UPSTREAM, versions: 'query' }),
  feeds: [bitnamiFeeds],
};
