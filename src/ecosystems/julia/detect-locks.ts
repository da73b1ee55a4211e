/** `Manifest.toml` of Julia (pkgdocs.julialang.org), whose name may have the version of Julia in it. */
import type { ListFormat, ListItem } from '../../formats/locks/list.ts';
import { tomlTables } from '../../formats/locks/toml.ts';
import { lockFiles } from '../lock-files.ts';
import { JULIA } from './lookups.ts';

const manifest: ListFormat = {
  is: /(?:^|\/)(?:Julia)?Manifest(?:-v[\d.]+)?\.toml$/,
  endsLines: true,
  *read(text): Generator<ListItem> {
    if (text.trim() !== '' && !/^(?:\[|[\w-]+ *=|#)/m.test(text)) throw new Error('it is no TOML');
    for (const { path, values } of tomlTables(text)) {
      const name = path.replace(/^deps\./, '');
      const version = values.get('version');
      // What comes with Julia has no version, and a folder is the project itself.
      if (!name.includes('.') && version !== undefined && !values.has('path')) yield { name, version };
    }
  },
};

// differs: a detector that Clair does not have: Manifest.toml of Julia in directories of sources
export const juliaLocks = lockFiles({
  id: 'julia-lock',
  revision: '1',
  formats: [manifest],
  repository: JULIA,
  database: 'julia',
});
