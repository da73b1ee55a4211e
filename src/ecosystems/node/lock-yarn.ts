/** `yarn.lock` of Yarn 1 and of Yarn 2 and later. */
import type { Listed, ListFormat, ListItem } from '../../formats/locks/list.ts';

export const yarnLock: ListFormat = {
  is: /(?:^|\/)yarn\.lock$/,
  endsLines: true,
  *read(text): Generator<ListItem> {
    if (text.trim() !== '' && !/^# yarn lockfile v1|^__metadata:|^"?@?[^\s"#]+@[^\n]*:$/m.test(text))
      throw new Error('it is no lock file of Yarn');
    let header = '';
    let fields = new Map<string, string>();
    for (const raw of [...text.split('\n'), 'end']) {
      const line = raw.trimEnd();
      if (/^[^\s#]/.test(line)) {
        if (!/:$|^end$/.test(line)) yield { unread: `a line is no heading: ${line.slice(0, 80)}` };
        const found = header === '' ? undefined : listedOf(header, fields);
        if (found !== undefined) yield found;
        header = line;
        fields = new Map();
        continue;
      }
      // Those of the package itself are indented by two spaces.
      const [, key, value] = /^ {2}"?(version|resolution|linkType)"?:? +"?([^"]*)"?$/.exec(line) ?? [];
      if (key !== undefined && value !== undefined) fields.set(key, value);
    }
  },
};

/** undefined: it is of the project itself, or no package. */
function listedOf(header: string, fields: ReadonlyMap<string, string>): Listed | undefined {
  const pattern = /^"?((?:@[^/"@\s]+\/)?[^@"\s]+)@([^",]*)/.exec(header);
  if (pattern === null) return undefined;
  const [, called = '', range = ''] = pattern;
  const resolution = fields.get('resolution');
  const version = fields.get('version') ?? '';
  if (resolution !== undefined) {
    if (fields.get('linkType') === 'soft' || /^(?:workspace|link|portal):/.test(range)) return undefined;
    return { name: /^(?:@[^/@]+\/)?[^@]+/.exec(resolution)?.[0] ?? called, version };
  }
  if (/^(?:file|link):/.test(range)) return undefined;
  // `lodash4@npm:lodash@^4`: another name for it.
  return { name: /^npm:((?:@[^/@]+\/)?[^@]+)/.exec(range)?.[1] ?? called, version };
}
