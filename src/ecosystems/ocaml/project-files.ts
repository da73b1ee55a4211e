/** Files of projects: those of opam. */
import type { ProjectFile } from '../../contract/project-file.ts';
import { says } from '../../formats/locks/project-files.ts';

export const projectFiles: readonly ProjectFile[] = [
  { is: /(?:^|\/)[\w.-]*opam$/, needs: says(/^depends\s*:\s*\[\s*"/m), locked: /\.opam\.locked$/ },
];
