/** Files of projects: those of Composer. */
import type { ProjectFile } from '../../contract/project-file.ts';
import { needsInJson } from '../../formats/locks/project-files.ts';

export const projectFiles: readonly ProjectFile[] = [
  {
    is: /(?:^|\/)composer\.json$/,
    // PHP itself and what it is built with are no packages.
    needs: needsInJson(['require', 'require-dev'], (name) => name.includes('/')),
    locked: /^(?:composer\.lock|vendor)$/,
  },
];
