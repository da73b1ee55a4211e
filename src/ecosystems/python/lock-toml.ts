/** `poetry.lock`, `uv.lock`, `pdm.lock` and `pylock.toml` (PEP 751). */
import type { ListFormat, ListItem } from '../../formats/locks/list.ts';
import { type TomlTable, tomlTables } from '../../formats/locks/toml.ts';

export const tomlLock: ListFormat = {
  is: /(?:^|\/)(?:(?:poetry|uv|pdm)\.lock|pylock(?:\.[^/]+)?\.toml)$/,
  endsLines: true,
  *read(text): Generator<ListItem> {
    if (text.trim() !== '' && !/^(?:\[|[\w-]+ *=)/m.test(text)) throw new Error('it is no TOML');
    for (const table of tomlTables(text)) {
      const { path, values } = table;
      if ((path !== 'package' && path !== 'packages') || isOwn(table)) continue;
      const name = values.get('name') ?? '';
      const version = values.get('version');
      // PEP 751: of what is built from a source tree the version may be unknown.
      if (version === undefined && name !== '')
        yield { unread: `no version of ${name} is in it: not checked` };
      else yield { name, version: version ?? '' };
    }
  },
};

/** Whether it is the project itself or a folder beside it. */
function isOwn({ values }: TomlTable): boolean {
  if (values.get('source.type') === 'directory') return true;
  if (values.get('path') !== undefined || values.has('directory.path')) return true;
  return /\b(?:virtual|editable|directory) *=/.test(
    `${values.get('source') ?? ''} ${values.get('directory') ? 'directory =' : ''}`,
  );
}
