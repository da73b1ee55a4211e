/** Files of projects: those of Node.js and Deno. */
import type { ProjectFile } from '../../contract/project-file.ts';
import { needsInJson, says } from '../../formats/locks/project-files.ts';

export const projectFiles: readonly ProjectFile[] = [
  {
    is: /(?:^|\/)package\.json$/,
    needs: needsInJson(['dependencies', 'devDependencies', 'optionalDependencies']),
    locked:
      /^(?:package-lock\.json|npm-shrinkwrap\.json|(?:yarn|bun|deno)\.lock|pnpm-lock\.yaml|bun\.lockb|node_modules|\.pnp\.c?js)$/,
  },
  { is: /(?:^|\/)deno\.jsonc?$/, needs: says(/["'](?:npm|jsr):/), locked: /^deno\.lock$/ },
];
