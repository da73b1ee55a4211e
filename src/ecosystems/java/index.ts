/** Java: archives and what is nested in them, matched against Maven's advisories in OSV. */
import { osv } from '../../formats/osv.ts';
import { byPath } from '../coalesce.ts';
import type { Ecosystem } from '../contract.ts';
import { javaArchives, MAVEN_CENTRAL } from './detect-archives.ts';
import { findings, MAVEN_SCOPE } from './findings.ts';
import { maven } from './version.ts';

/** Java packages. */
export const java: Ecosystem = {
  id: 'java',
  detectors: [javaArchives],
  coalesce: byPath,
  versions: maven,
  findings,
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
