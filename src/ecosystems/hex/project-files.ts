/** Files of projects: those of Mix and Rebar. */
import type { ProjectFile } from '../../contract/project-file.ts';
import { says } from '../../formats/locks/project-files.ts';

export const projectFiles: readonly ProjectFile[] = [
  { is: /(?:^|\/)mix\.exs$/, needs: says(/\{\s*:\w+\s*,\s*["'~>[\w]/), locked: /^mix\.lock$/ },
  { is: /(?:^|\/)rebar\.config$/, needs: says(/\{\s*deps\s*,\s*\[\s*[^\]\s]/), locked: /^rebar\.lock$/ },
];
