/** Rust: crates linked into programs. */

import type { Ecosystem } from '../../contract/ecosystem.ts';
import { foreignOsv } from '../../formats/clair/foreign-language.ts';
import { osv } from '../../formats/osv/osv.ts';
import { byPath } from '../coalesce.ts';
import { auditable, CRATES } from './detect-auditable.ts';
import { CRATES_SCOPE, lookups } from './lookups.ts';
import { purl } from './purl.ts';
import { cargoVersions } from './version.ts';

/** Rust crates, found in programs built by `cargo auditable` and matched against the advisories of RustSec and GitHub. */
export const rust: Ecosystem = {
  id: 'rust',
  type: 'rust',
  scopes: [CRATES_SCOPE],
  detectors: [auditable],
  coalesce: byPath,
  versions: cargoVersions,
  lookups,
  ...foreignOsv({ scope: CRATES_SCOPE, repository: CRATES, versions: 'semver', purlType: 'cargo' }),
  purl,
  feeds: [
    osv({
      dump: 'crates.io',
      scope: { key: CRATES_SCOPE, repository: CRATES },
      versions: cargoVersions,
      ranges: ['SEMVER', 'ECOSYSTEM'],
      encodeFixed: 'text',
    }),
  ],
};
