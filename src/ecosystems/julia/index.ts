/** Julia: packages in depots, and those that `Manifest.toml` names. */
import { languagePurl } from '../../formats/purl/language.ts';
import { semverScheme } from '../../formats/versions/semver-scheme.ts';
import { osvLanguage } from '../osv-language.ts';
import { installedJulia } from './detect-installed.ts';
import { juliaLocks } from './detect-locks.ts';
import { JULIA, JULIA_SCOPE, lookups } from './lookups.ts';
import { projectFiles } from './project-files.ts';

/** Matched against the advisories of Julia in OSV. */
export const julia = osvLanguage({
  id: 'julia',
  type: 'julia',
  scope: JULIA_SCOPE,
  repository: JULIA,
  detectors: [installedJulia, juliaLocks],
  projectFiles,
  versions: semverScheme('julia'),
  lookups,
  purl: languagePurl({ type: 'julia', repository: JULIA }),
  purlType: 'julia',
  dump: 'Julia',
  mirrorsMayLack: true,
  ranges: ['SEMVER', 'ECOSYSTEM'],
  clairVersions: 'text',
});
