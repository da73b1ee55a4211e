/** Haskell: packages in databases of GHC, and those that the lists of Cabal and Stack name. */
import { languagePurl } from '../../formats/purl/language.ts';
import { dotted } from '../../formats/versions/dotted.ts';
import { osvLanguage } from '../osv-language.ts';
import { installedHaskell } from './detect-installed.ts';
import { haskellLists, haskellLocks } from './detect-locks.ts';
import { HACKAGE, HACKAGE_SCOPE, lookups } from './lookups.ts';
import { projectFiles } from './project-files.ts';

/** Matched against the advisories of Hackage in OSV. */
export const haskell = osvLanguage({
  id: 'haskell',
  type: 'haskell',
  scope: HACKAGE_SCOPE,
  repository: HACKAGE,
  detectors: [installedHaskell, haskellLocks],
  lists: haskellLists,
  projectFiles,
  versions: dotted('pvp'),
  lookups,
  purl: languagePurl({ type: 'hackage', repository: HACKAGE }),
  purlType: 'hackage',
  dump: 'Hackage',
  mirrorsMayLack: true,
  ranges: ['ECOSYSTEM', 'SEMVER'],
  clairVersions: 'text',
});
