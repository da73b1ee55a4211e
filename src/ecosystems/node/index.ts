/** Node.js: packages below `node_modules`, matched against npm's advisories in OSV. */

import { osvLanguage } from '../osv-language.ts';
import { electronArchives } from './detect-asar.ts';
import { nodeLocks } from './detect-locks.ts';
import { installedPackages, NPM } from './detect-package-json.ts';
import { yarnCache } from './detect-yarn-cache.ts';
import { nodeLists } from './lists.ts';
import { lookups, NPM_SCOPE } from './lookups.ts';
import { projectFiles } from './project-files.ts';
import { purl } from './purl.ts';
import { npmVersions } from './version.ts';

/** npm packages. */
// differs: switched on; Clair has the detector but runs it nowhere (clair-indexing.md#npm-packages)
export const node = osvLanguage({
  id: 'node',
  type: 'npm',
  scope: NPM_SCOPE,
  repository: NPM,
  matchers: { nodejs: [NPM_SCOPE] },
  detectors: [installedPackages, yarnCache, electronArchives, nodeLocks],
  lists: nodeLists,
  projectFiles,
  versions: npmVersions,
  lookups,
  purl,
  dump: 'npm',
  ranges: ['SEMVER', 'ECOSYSTEM'],
  clairVersions: 'semver',
});
