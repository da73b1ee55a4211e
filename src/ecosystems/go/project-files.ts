/** Files of projects: those of managers of packages that Go had before modules. */
import type { ProjectFile } from '../../contract/project-file.ts';
import { says } from '../../formats/locks/project-files.ts';

export const projectFiles: readonly ProjectFile[] = [
  { is: /(?:^|\/)Gopkg\.lock$|(?:^|\/)glide\.lock$/, needs: says(/\S/), locked: /^go\.mod$/ },
];
