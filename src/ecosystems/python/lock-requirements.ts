/** `requirements.txt` (pip.pypa.io: requirements file format): what is pinned can be looked up, the rest is told. */

import { type ListFormat, type ListItem, someOf } from '../../formats/locks/list.ts';
import { counted } from '../../lib/counted.ts';

export const requirements: ListFormat = {
  is: /(?:^|\/)(?:[\w.-]*requirements[\w.-]*\.txt|requirements\/[\w.-]+\.txt)$/i,
  *read(text): Generator<ListItem> {
    const open: string[] = [];
    const strange: string[] = [];
    for (const line of text.replaceAll(/\\\r?\n/g, ' ').split(/\r\n|\n|\r/)) {
      const requirement = line.replace(/(?:^|\s)#.*$/s, '').trim();
      // Options of pip; other files are lists of their own, and what is editable is the project itself.
      if (requirement === '' || requirement.startsWith('-') || /^(?:\.{0,2}\/|\.$|file:)/.test(requirement))
        continue;
      const [, name, rest = ''] =
        /^([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*(.*)$/s.exec(requirement) ?? [];
      if (name === undefined || !/^(?:$|[(@;=<>!~]|--)/.test(rest)) {
        strange.push(requirement.slice(0, 40));
        continue;
      }
      const version = /(?:^|[\s(,])={2,3}\s*([^\s,;)]+)/.exec(` ${rest.split(/;| --/)[0]}`)?.[1];
      if (version === undefined || version.includes('*')) open.push(name);
      else yield { name, version };
    }
    if (open.length > 0)
      yield {
        unread: `${counted(open.length, 'package')} without a pinned version, not checked: ${someOf(open)}`,
      };
    if (strange.length > 0)
      yield { unread: `${strange.length} of its lines are no requirements: ${someOf(strange)}` };
  },
};
