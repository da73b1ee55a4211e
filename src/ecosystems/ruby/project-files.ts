/** Files of projects: those of Ruby. */
import type { ProjectFile } from '../../contract/project-file.ts';
import { says } from '../../formats/locks/project-files.ts';

export const projectFiles: readonly ProjectFile[] = [
  {
    is: /(?:^|\/)(?:Gemfile|gems\.rb)$/,
    needs: says(/^[ \t]*gem\b/m),
    locked: /^(?:Gemfile\.lock|gems\.locked)$/,
  },
  {
    is: /(?:^|\/)[\w.-]+\.gemspec$/,
    needs: says(/\.add_(?:runtime_)?dependency\b/),
    locked: /^(?:Gemfile\.lock|gems\.locked)$/,
  },
];
