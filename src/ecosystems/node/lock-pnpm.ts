/** `pnpm-lock.yaml` of the versions 5 to 9 (github.com/pnpm/spec: lockfile). */
import type { Listed, ListFormat, ListItem } from '../../formats/locks/list.ts';

export const pnpmLock: ListFormat = {
  is: /(?:^|\/)pnpm-lock\.yaml$/,
  endsLines: true,
  *read(text): Generator<ListItem> {
    if (!/^lockfileVersion:/m.test(text)) throw new Error('it has no lockfileVersion');
    let inPackages = false;
    let key = '';
    let fields = new Map<string, string>();
    for (const raw of [...text.split('\n'), 'end:']) {
      const line = raw.trimEnd();
      const [, next] = /^ {2}(?:\? )?('[^']+'|"[^"]+"|[^\s'"#][^\s]*?):?$/.exec(line) ?? [];
      if (/^\S/.test(line) || (next !== undefined && inPackages)) {
        const found = key === '' ? undefined : listedOf(key, fields);
        if (found !== undefined) yield found;
        key = '';
        fields = new Map();
      }
      if (/^[^\s#]/.test(line) && !/^(?:\w+:|---|\.\.\.)/.test(line))
        yield { unread: `a line is no heading: ${line.slice(0, 80)}` };
      if (/^\S/.test(line)) inPackages = line === 'packages:';
      else if (inPackages && next !== undefined) key = next.replaceAll(/^['"]|['"]$/g, '');
      else if (inPackages) {
        const [, name, value] = /^ {4}(name|version|resolution): *(.*)$/.exec(line) ?? [];
        if (name !== undefined && value !== undefined) fields.set(name, value.replaceAll(/^['"]|['"]$/g, ''));
      }
    }
  },
};

/** `/@s/b/1.0.0_peer@2`, `/@s/b@1.0.0(peer@2)`, `@s/b@1.0.0`; of an archive or a repository what it says. */
function listedOf(key: string, fields: ReadonlyMap<string, string>): Listed | undefined {
  if (
    /type: directory/.test(fields.get('resolution') ?? '') ||
    /^(?:\/?[^@]*@)?(?:file|link):[^(]*$/.test(key)
  )
    return undefined;
  const plain = key.replace(/\(.*$/s, '').replace(/^(?:[\w.-]+\.[a-z]+)?\//, '');
  const [, name, separator, version] = /^((?:@[^/@]+\/)?[^/@]+)([/@])(.*)$/s.exec(plain) ?? [];
  const own = { name: fields.get('name'), version: fields.get('version') };
  if (own.version !== undefined) return { name: own.name ?? name ?? '', version: own.version };
  return {
    name: name ?? '',
    version: separator === '/' ? (version ?? '').replace(/_.*$/s, '') : (version ?? ''),
  };
}
