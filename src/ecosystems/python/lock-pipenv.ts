/** `Pipfile.lock` of pipenv. */
import { fieldOf, fieldsIn, parseJson } from '../../formats/json/file.ts';
import type { ListFormat, ListItem } from '../../formats/locks/list.ts';

export const pipenvLock: ListFormat = {
  is: /(?:^|\/)Pipfile\.lock$/,
  *read(text): Generator<ListItem> {
    const document = parseJson(text);
    if (fieldOf(document, '_meta') === undefined && fieldOf(document, 'default') === undefined)
      throw new Error('it has no packages');
    for (const [group, packages] of fieldsIn(document)) {
      if (group === '_meta') continue;
      for (const [name, value] of fieldsIn(packages)) {
        const pinned = fieldOf(value, 'version');
        const version = typeof pinned === 'string' ? /^={2,3}\s*(.+)$/s.exec(pinned)?.[1] : undefined;
        if (version !== undefined) yield { name, version };
        else if (fieldOf(value, 'path') === undefined && fieldOf(value, 'file') === undefined)
          yield { unread: `no version of ${name.slice(0, 100)} is in it: not checked` };
      }
    }
  },
};
