/** .NET: NuGet packages of applications and of the runtime. */

import type { Ecosystem } from '../../contract/ecosystem.ts';
import { foreignOsv } from '../../formats/clair/foreign-language.ts';
import { osv } from '../../formats/osv/osv.ts';
import { byPath } from '../coalesce.ts';
import { deps, NUGET } from './detect-deps.ts';
import { lookups, NUGET_SCOPE, normaliseName } from './lookups.ts';
import { purl } from './purl.ts';
import { nugetVersions } from './version.ts';

/** NuGet packages, matched against the advisories of NuGet in OSV. */
export const dotnet: Ecosystem = {
  id: 'dotnet',
  type: 'nuget',
  scopes: [NUGET_SCOPE],
  detectors: [deps],
  coalesce: byPath,
  versions: nugetVersions,
  lookups,
  ...foreignOsv({
    scope: NUGET_SCOPE,
    repository: NUGET,
    normaliseName,
    versions: 'text',
    purlType: 'nuget',
  }),
  purl,
  feeds: [
    osv({
      dump: 'NuGet',
      scope: { key: NUGET_SCOPE, repository: NUGET },
      versions: nugetVersions,
      normaliseName,
      ranges: ['ECOSYSTEM', 'SEMVER'],
      encodeFixed: 'text',
    }),
  ],
};
