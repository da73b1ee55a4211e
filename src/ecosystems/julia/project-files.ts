/** Files of projects: those of Julia. */
import type { ProjectFile } from '../../contract/project-file.ts';
import { says } from '../../formats/locks/project-files.ts';

export const projectFiles: readonly ProjectFile[] = [
  {
    is: /(?:^|\/)(?:Julia)?Project\.toml$/,
    needs: says(/^\[deps\]\s+\w/m),
    locked: /^(?:Julia)?Manifest(?:-v[\d.]+)?\.toml$/,
  },
];
