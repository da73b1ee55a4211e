/** Erlang and Elixir: applications in releases and build folders. */

import type { Ecosystem } from '../../contract/ecosystem.ts';
import { foreignOsv } from '../../formats/clair/foreign-language.ts';
import { osv } from '../../formats/osv/osv.ts';
import { byPath } from '../coalesce.ts';
import { applications, HEX } from './detect-applications.ts';
import { HEX_SCOPE, lookups } from './lookups.ts';
import { purl } from './purl.ts';
import { hexVersions } from './version.ts';

/** Applications, matched against the advisories of Hex in OSV. */
export const hex: Ecosystem = {
  id: 'hex',
  scopes: [HEX_SCOPE],
  detectors: [applications],
  coalesce: byPath,
  versions: hexVersions,
  lookups,
  ...foreignOsv({ scope: HEX_SCOPE, repository: HEX, versions: 'text', purlType: 'hex' }),
  purl,
  feeds: [
    osv({
      dump: 'Hex',
      scope: { key: HEX_SCOPE, repository: HEX },
      versions: hexVersions,
      ranges: ['SEMVER', 'ECOSYSTEM'],
      encodeFixed: 'text',
    }),
  ],
};
