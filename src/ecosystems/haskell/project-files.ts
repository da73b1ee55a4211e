/** Files of projects: those of Cabal and Stack. */
import type { ProjectFile } from '../../contract/project-file.ts';
import { says } from '../../formats/locks/project-files.ts';

export const projectFiles: readonly ProjectFile[] = [
  {
    is: /(?:^|\/)[\w.-]+\.cabal$/,
    needs: says(/^[ \t]*build-depends\s*:/im),
    locked: /^(?:cabal\.project\.freeze|stack\.yaml\.lock)$/,
  },
  { is: /(?:^|\/)stack\.yaml$/, needs: says(/^(?:resolver|snapshot):/m), locked: /^stack\.yaml\.lock$/ },
];
