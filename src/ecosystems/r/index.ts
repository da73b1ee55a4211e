/** R: packages of CRAN and of Bioconductor, installed or named by `renv.lock`. */
import { languagePurl } from '../../formats/purl/language.ts';
import { dotted } from '../../formats/versions/dotted.ts';
import { osvLanguage } from '../osv-language.ts';
import { bioconductorInstalled, cranInstalled } from './detect-installed.ts';
import { bioconductorLocks, cranLocks, rLists } from './detect-locks.ts';
import { CRAN, CRAN_SCOPE, lookups } from './lookups.ts';
import { projectFiles } from './project-files.ts';

/** Those of CRAN are matched against its advisories in OSV. Of Bioconductor's there are none: they are told as not checked. */
export const r = osvLanguage({
  id: 'r',
  type: 'r',
  scope: CRAN_SCOPE,
  repository: CRAN,
  detectors: [cranInstalled, cranLocks, bioconductorInstalled, bioconductorLocks],
  lists: rLists,
  projectFiles,
  versions: dotted('r'),
  lookups,
  purl: languagePurl({ type: 'cran', repository: CRAN }),
  purlType: 'cran',
  dump: 'CRAN',
  mirrorsMayLack: true,
  ranges: ['ECOSYSTEM', 'SEMVER'],
  clairVersions: 'text',
});
