/** Ruby: installed gems, matched against RubyGems' advisories in OSV. */

import { osvLanguage } from '../osv-language.ts';
import { installedGems, RUBYGEMS } from './detect-gemspecs.ts';
import { gemLists, gemLocks } from './detect-locks.ts';
import { lookups, RUBYGEMS_SCOPE } from './lookups.ts';
import { projectFiles } from './project-files.ts';
import { purl } from './purl.ts';
import { gem } from './version.ts';

/** Ruby gems. */
export const ruby = osvLanguage({
  id: 'ruby',
  scope: RUBYGEMS_SCOPE,
  repository: RUBYGEMS,
  matchers: { 'ruby-gem': [RUBYGEMS_SCOPE] },
  detectors: [installedGems, gemLocks],
  lists: gemLists,
  projectFiles,
  packageFiles: [{ begins: /^/, is: /\.gem$/, name: /^(.+?)-\d/ }],
  versions: gem,
  lookups,
  purl,
  dump: 'RubyGems',
  ranges: ['ECOSYSTEM', 'SEMVER'],
  clairVersions: 'query',
});
