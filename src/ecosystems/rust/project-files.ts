/** Files of projects: those of Cargo. */
import type { ProjectFile } from '../../contract/project-file.ts';
import { says } from '../../formats/locks/project-files.ts';

export const projectFiles: readonly ProjectFile[] = [
  {
    is: /(?:^|\/)Cargo\.toml$/,
    needs: says(/^\[(?:[^\]\n]+\.)?(?:dev-|build-)?dependencies[\].]/m),
    locked: /^Cargo\.lock$/,
  },
];
