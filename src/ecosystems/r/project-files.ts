/** Files of projects: those of R. */
import type { ProjectFile } from '../../contract/project-file.ts';

export const projectFiles: readonly ProjectFile[] = [
  {
    is: /(?:^|\/)DESCRIPTION$/,
    needs: (text) => /^Package:/m.test(text) && /^(?:Imports|LinkingTo):\s*\w/m.test(text),
    locked: /^renv\.lock$/,
  },
];
