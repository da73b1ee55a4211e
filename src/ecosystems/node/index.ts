/** Node.js: packages below `node_modules`, matched against npm's advisories in OSV. */

import type { Ecosystem } from '../../contract/ecosystem.ts';
import { foreignOsv } from '../../formats/clair/foreign-language.ts';
import { osv } from '../../formats/osv/osv.ts';
import { byPath } from '../coalesce.ts';
import { installedPackages, NPM } from './detect-package-json.ts';
import { lookups, NPM_SCOPE } from './lookups.ts';
import { purl } from './purl.ts';
import { npmVersions } from './version.ts';

/** npm packages. */
// differs: switched on; Clair has the detector but runs it nowhere (clair-indexing.md#npm-packages)
export const node: Ecosystem = {
  id: 'node',
  type: 'npm',
  scopes: [NPM_SCOPE],
  matchers: { nodejs: [NPM_SCOPE] },
  detectors: [installedPackages],
  coalesce: byPath,
  versions: npmVersions,
  lookups,
  ...foreignOsv({ scope: NPM_SCOPE, repository: NPM, versions: 'semver' }),
  purl,
  feeds: [
    osv({
      dump: 'npm',
      scope: { key: NPM_SCOPE, repository: NPM },
      versions: npmVersions,
      ranges: ['SEMVER', 'ECOSYSTEM'],
      encodeFixed: 'text',
    }),
  ],
};
