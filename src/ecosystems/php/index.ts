/** PHP: packages that Composer installed. */

import type { Ecosystem } from '../../contract/ecosystem.ts';
import { foreignOsv } from '../../formats/clair/foreign-language.ts';
import { osv } from '../../formats/osv/osv.ts';
import { byPath } from '../coalesce.ts';
import { installed, PACKAGIST } from './detect-installed.ts';
import { lookups, normaliseName, PACKAGIST_SCOPE } from './lookups.ts';
import { purl } from './purl.ts';
import { composerVersions } from './version.ts';

/** Composer packages, matched against the advisories of Packagist in OSV. */
export const php: Ecosystem = {
  id: 'php',
  type: 'php',
  scopes: [PACKAGIST_SCOPE],
  detectors: [installed],
  coalesce: byPath,
  versions: composerVersions,
  lookups,
  ...foreignOsv({
    scope: PACKAGIST_SCOPE,
    repository: PACKAGIST,
    normaliseName,
    versions: 'text',
    purlType: 'composer',
  }),
  purl,
  feeds: [
    osv({
      dump: 'Packagist',
      scope: { key: PACKAGIST_SCOPE, repository: PACKAGIST },
      versions: composerVersions,
      normaliseName,
      ranges: ['ECOSYSTEM', 'SEMVER'],
      encodeFixed: 'text',
    }),
  ],
};
