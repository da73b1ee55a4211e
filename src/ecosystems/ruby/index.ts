/** Ruby: installed gems, matched against RubyGems' advisories in OSV. */

import type { Ecosystem } from '../../contract/ecosystem.ts';
import { foreignOsv } from '../../formats/clair/foreign-language.ts';
import { osv } from '../../formats/osv/osv.ts';
import { byPath } from '../coalesce.ts';
import { installedGems, RUBYGEMS } from './detect-gemspecs.ts';
import { lookups, RUBYGEMS_SCOPE } from './lookups.ts';
import { purl } from './purl.ts';
import { gem } from './version.ts';

/** Ruby gems. */
export const ruby: Ecosystem = {
  id: 'ruby',
  scopes: [RUBYGEMS_SCOPE],
  matchers: { 'ruby-gem': [RUBYGEMS_SCOPE] },
  detectors: [installedGems],
  coalesce: byPath,
  versions: gem,
  lookups,
  ...foreignOsv({ scope: RUBYGEMS_SCOPE, repository: RUBYGEMS, versions: 'query' }),
  purl,
  feeds: [
    osv({
      dump: 'RubyGems',
      scope: { key: RUBYGEMS_SCOPE, repository: RUBYGEMS },
      versions: gem,
      ranges: ['ECOSYSTEM', 'SEMVER'],
      encodeFixed: 'query',
    }),
  ],
};
