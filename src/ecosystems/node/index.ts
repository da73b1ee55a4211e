/** Node.js: packages below `node_modules`, matched against npm's advisories in OSV. */
import { foreignOsv } from '../../formats/foreign-osv.ts';
import { osv } from '../../formats/osv.ts';
import { byPath } from '../coalesce.ts';
import type { Ecosystem } from '../contract.ts';
import { installedPackages, NPM } from './detect-package-json.ts';
import { findings, NPM_SCOPE } from './findings.ts';
import { purl } from './purl.ts';
import { npmVersions } from './version.ts';

/** npm packages. */
// differs: switched on; Clair has the detector but runs it nowhere (indexing.md §4.11)
export const node: Ecosystem = {
  id: 'node',
  detectors: [installedPackages],
  coalesce: byPath,
  versions: npmVersions,
  findings,
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
