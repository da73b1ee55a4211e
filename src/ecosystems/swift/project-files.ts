/** Files of projects: those of Swift. */
import type { ProjectFile } from '../../contract/project-file.ts';
import { says } from '../../formats/locks/project-files.ts';

export const projectFiles: readonly ProjectFile[] = [
  {
    is: /(?:^|\/)Package\.swift$/,
    needs: says(/\.package\s*\(\s*(?:name:[^,\n]{0,200},\s*)?url:/),
    locked: /^Package\.resolved$/,
  },
];
