/** Java: archives and what is nested in them, matched against Maven's advisories in OSV. */

import { osvLanguage } from '../osv-language.ts';
import { javaArchives, MAVEN_CENTRAL } from './detect-archives.ts';
import { javaLists, javaLocks } from './detect-locks.ts';
import { explodedArchives } from './exploded.ts';
import { lookups, MAVEN_SCOPE } from './lookups.ts';
import { naming } from './naming.ts';
import { nativeImages } from './native-image.ts';
import { projectFiles } from './project-files.ts';
import { purl } from './purl.ts';
import { archiveResolver } from './resolver.ts';
import { maven } from './version.ts';
import { vulnerableClasses } from './vulnerable-classes.ts';

/** Java packages. */
export const java = osvLanguage({
  id: 'java',
  scope: MAVEN_SCOPE,
  repository: MAVEN_CENTRAL,
  matchers: { 'java-maven': [MAVEN_SCOPE] },
  detectors: [javaArchives, explodedArchives, nativeImages, javaLocks],
  lists: javaLists,
  projectFiles,
  // Archives that are compressed as a whole, and modules that a JDK links (JEP 261) but its own.
  packageFiles: [
    { begins: /^\x1f\x8b/, is: /\.[jwe]ar(?:\.pack)?\.gz$/i, name: /^(.+?)-\d/ },
    { begins: /^JM\x01/, is: /^(?!(?:java|jdk)\.).*\.jmod$/, name: /^(.+)\.jmod$/ },
  ],
  resolver: archiveResolver,
  versions: maven,
  lookups,
  naming,
  purl,
  vulnerableCode: vulnerableClasses,
  dump: 'Maven',
  ranges: ['ECOSYSTEM', 'SEMVER'],
  clairVersions: 'query',
});
