/** Java: archives and what is nested in them, matched against Maven's advisories in OSV. */

import type { Ecosystem } from '../../contract/ecosystem.ts';
import { foreignOsv } from '../../formats/clair/foreign-language.ts';
import { osv } from '../../formats/osv/osv.ts';
import { byPath } from '../coalesce.ts';
import { javaArchives, MAVEN_CENTRAL } from './detect-archives.ts';
import { guesses } from './guesses.ts';
import { lookups, MAVEN_SCOPE } from './lookups.ts';
import { purl } from './purl.ts';
import { archiveResolver } from './resolver.ts';
import { maven } from './version.ts';

/** Java packages. */
export const java: Ecosystem = {
  id: 'java',
  scopes: [MAVEN_SCOPE],
  matchers: { 'java-maven': [MAVEN_SCOPE] },
  detectors: [javaArchives],
  resolver: archiveResolver,
  coalesce: byPath,
  versions: maven,
  lookups,
  guesses,
  ...foreignOsv({ scope: MAVEN_SCOPE, repository: MAVEN_CENTRAL, versions: 'query' }),
  purl,
  feeds: [
    osv({
      dump: 'Maven',
      scope: { key: MAVEN_SCOPE, repository: MAVEN_CENTRAL },
      versions: maven,
      ranges: ['ECOSYSTEM', 'SEMVER'],
      encodeFixed: 'query',
    }),
  ],
};
