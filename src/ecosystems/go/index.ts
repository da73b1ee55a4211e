/** Go: modules linked into programs, the standard library among them. */

import type { Ecosystem } from '../../contract/ecosystem.ts';
import { foreignOsv } from '../../formats/clair/foreign-language.ts';
import { osv } from '../../formats/osv/osv.ts';
import { byPath } from '../coalesce.ts';
import { GO_REPOSITORY, gobin } from './detect-binary.ts';
import { GO_SCOPE, lookups, normaliseName } from './lookups.ts';
import { purl } from './purl.ts';
import { goVersions } from './version.ts';

/** Go modules, found in programs and matched against the Go vulnerability database. */
export const go: Ecosystem = {
  id: 'go',
  type: 'go',
  scopes: [GO_SCOPE],
  matchers: { gobin: [GO_SCOPE] },
  detectors: [gobin],
  coalesce: byPath,
  versions: goVersions,
  lookups,
  ...foreignOsv({ scope: GO_SCOPE, repository: GO_REPOSITORY, normaliseName, versions: 'semver' }),
  purl,
  feeds: [
    osv({
      dump: 'Go',
      scope: { key: GO_SCOPE, repository: GO_REPOSITORY },
      versions: goVersions,
      normaliseName,
      ranges: ['SEMVER', 'ECOSYSTEM'],
      encodeFixed: 'text',
    }),
  ],
};
