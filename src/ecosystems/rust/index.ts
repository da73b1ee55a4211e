/** Rust: crates linked into programs. */

import { osvLanguage } from '../osv-language.ts';
import { auditable, CRATES } from './detect-auditable.ts';
import { cargoLists, cargoLocks } from './detect-locks.ts';
import { CRATES_SCOPE, lookups } from './lookups.ts';
import { projectFiles } from './project-files.ts';
import { purl } from './purl.ts';
import { cargoVersions } from './version.ts';
import { codeOf } from './vulnerable-code.ts';

/** Rust crates, found in programs built by `cargo auditable` and matched against the advisories of RustSec and GitHub. */
export const rust = osvLanguage({
  id: 'rust',
  type: 'rust',
  scope: CRATES_SCOPE,
  repository: CRATES,
  detectors: [auditable, cargoLocks],
  lists: cargoLists,
  projectFiles,
  packageFiles: [{ begins: /^\x1f\x8b/, is: /\.crate$/, name: /^(.+?)-\d/ }],
  versions: cargoVersions,
  lookups,
  purl,
  purlType: 'cargo',
  dump: 'crates.io',
  ranges: ['SEMVER', 'ECOSYSTEM'],
  codeOf,
  feedRevision: 'code-1',
  clairVersions: 'semver',
});
