/** .NET: NuGet packages of applications and of the runtime. */

import { osvLanguage } from '../osv-language.ts';
import { bundles } from './detect-bundle.ts';
import { deps, NUGET } from './detect-deps.ts';
import { nugetLists, nugetLocks } from './detect-locks.ts';
import { lookups, NUGET_SCOPE, normaliseName } from './lookups.ts';
import { projectFiles } from './project-files.ts';
import { purl } from './purl.ts';
import { nugetVersions } from './version.ts';

/** NuGet packages, matched against the advisories of NuGet in OSV. */
export const dotnet = osvLanguage({
  id: 'dotnet',
  type: 'nuget',
  scope: NUGET_SCOPE,
  repository: NUGET,
  normaliseName,
  detectors: [deps, bundles, nugetLocks],
  lists: nugetLists,
  projectFiles,
  packageFiles: [{ begins: /^PK/, is: /\.nupkg$/i, name: /^(.+?)\.\d/ }],
  versions: nugetVersions,
  lookups,
  purl,
  purlType: 'nuget',
  dump: 'NuGet',
  ranges: ['ECOSYSTEM', 'SEMVER'],
  clairVersions: 'text',
});
