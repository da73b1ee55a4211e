/** PHP: packages that Composer or PEAR installed. */

import { osvLanguage } from '../osv-language.ts';
import { installed, PACKAGIST } from './detect-installed.ts';
import { composerLists, composerLocks } from './detect-locks.ts';
import { pearPackages } from './detect-pear.ts';
import { lookups, normaliseName, PACKAGIST_SCOPE } from './lookups.ts';
import { projectFiles } from './project-files.ts';
import { purl } from './purl.ts';
import { composerVersions } from './version.ts';

/** Composer packages, matched against the advisories of Packagist in OSV. */
export const php = osvLanguage({
  id: 'php',
  type: 'php',
  scope: PACKAGIST_SCOPE,
  repository: PACKAGIST,
  normaliseName,
  detectors: [installed, pearPackages, composerLocks],
  lists: composerLists,
  projectFiles,
  versions: composerVersions,
  lookups,
  purl,
  purlType: 'composer',
  dump: 'Packagist',
  ranges: ['ECOSYSTEM', 'SEMVER'],
  clairVersions: 'text',
});
