/** Erlang and Elixir: applications in releases and build folders. */

import { osvLanguage } from '../osv-language.ts';
import { applications, HEX } from './detect-applications.ts';
import { hexLists, hexLocks } from './detect-locks.ts';
import { HEX_SCOPE, lookups } from './lookups.ts';
import { projectFiles } from './project-files.ts';
import { purl } from './purl.ts';
import { hexVersions } from './version.ts';

/** Applications, matched against the advisories of Hex in OSV. */
export const hex = osvLanguage({
  id: 'hex',
  scope: HEX_SCOPE,
  repository: HEX,
  detectors: [applications, hexLocks],
  lists: hexLists,
  projectFiles,
  versions: hexVersions,
  lookups,
  purl,
  purlType: 'hex',
  dump: 'Hex',
  ranges: ['SEMVER', 'ECOSYSTEM'],
  clairVersions: 'text',
});
