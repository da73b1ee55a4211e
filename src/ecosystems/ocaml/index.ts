/** OCaml: packages in switches of opam, and those that `NAME.opam.locked` names. */
import { languagePurl } from '../../formats/purl/language.ts';
import { osvLanguage } from '../osv-language.ts';
import { installedOcaml } from './detect-installed.ts';
import { ocamlLists, ocamlLocks } from './detect-locks.ts';
import { lookups, OPAM, OPAM_SCOPE } from './lookups.ts';
import { projectFiles } from './project-files.ts';
import { opamVersions } from './version.ts';

/** Matched against the advisories of opam in OSV. */
export const ocaml = osvLanguage({
  id: 'ocaml',
  type: 'opam',
  scope: OPAM_SCOPE,
  repository: OPAM,
  detectors: [installedOcaml, ocamlLocks],
  lists: ocamlLists,
  projectFiles,
  versions: opamVersions,
  lookups,
  purl: languagePurl({ type: 'opam', repository: OPAM }),
  purlType: 'opam',
  dump: 'opam',
  mirrorsMayLack: true,
  ranges: ['ECOSYSTEM', 'SEMVER'],
  clairVersions: 'text',
});
