/** Finds the packages that Julia's package manager has put into a depot: `packages/NAME/SLUG/Project.toml`. */
import { tomlTables } from '../../formats/locks/toml.ts';
import { CUT_IN_LINE } from '../../formats/os/text-lines.ts';
import { folderOf } from '../package-folders.ts';
import { recordDetector } from '../record-files.ts';
import { JULIA } from './lookups.ts';

// differs: a detector that Clair does not have: packages in depots of Julia
export const installedJulia = recordDetector(
  {
    id: 'julia',
    part: 'Project.toml',
    is: /(?:^|\/)packages\/[A-Za-z][\w-]*\/[A-Za-z0-9]{4,8}\/(?:Julia)?Project\.toml$/,
    read(_path, text) {
      if (text !== '' && !text.endsWith('\n')) throw new Error(CUT_IN_LINE);
      // Name and version stand before all tables.
      const [head] = tomlTables(`[[root]]\n${text}`);
      return [{ name: head?.values.get('name') ?? '', version: head?.values.get('version') ?? '' }];
    },
    folder: folderOf,
  },
  { revision: '1', from: JULIA },
);
