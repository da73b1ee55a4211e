/** Go: modules linked into programs, the standard library among them. */

import { osvLanguage } from '../osv-language.ts';
import { GO_REPOSITORY, gobin } from './detect-binary.ts';
import { goLists, goModules } from './detect-mod.ts';
import { GO_SCOPE, lookups, normaliseName } from './lookups.ts';
import { projectFiles } from './project-files.ts';
import { purl } from './purl.ts';
import { goVersions } from './version.ts';
import { codeOf } from './vulnerable-code.ts';

/** Go modules, found in programs and matched against the Go vulnerability database. */
export const go = osvLanguage({
  id: 'go',
  type: 'go',
  scope: GO_SCOPE,
  repository: GO_REPOSITORY,
  normaliseName,
  matchers: { gobin: [GO_SCOPE] },
  detectors: [gobin, goModules],
  lists: goLists,
  projectFiles,
  versions: goVersions,
  lookups,
  purl,
  dump: 'Go',
  ranges: ['SEMVER', 'ECOSYSTEM'],
  codeOf,
  clairVersions: 'semver',
});
