/** `deno.lock` of Deno (docs.deno.com: lockfile), in which packages of npm are, of JSR, and modules by their URLs. */
import { fieldOf, fieldsIn, parseJson } from '../../formats/json/file.ts';
import type { ListFormat, ListItem } from '../../formats/locks/list.ts';
import { counted } from '../../lib/counted.ts';

export const denoLock: ListFormat = {
  is: /(?:^|\/)deno\.lock$/,
  *read(text): Generator<ListItem> {
    const document = parseJson(text);
    if (fieldOf(document, 'version') === undefined) throw new Error('it is no lock file of Deno');
    // Version 3 has all of them below `packages`, version 2 those of npm below `npm`.
    const packages = fieldOf(document, 'packages') ?? document;
    const npm = fieldOf(packages, 'npm');
    for (const [key] of fieldsIn(fieldOf(npm, 'packages') ?? npm)) {
      // Behind the version are those of its peers: `a@1.0.0_b@2.0.0`.
      const [, name, version] = /^((?:@[^/@]+\/)?[^/@]+)@([^_]+)/.exec(key) ?? [];
      yield { name: name ?? '', version: version ?? '' };
    }
    const jsr = fieldsIn(fieldOf(packages, 'jsr')).length;
    if (jsr > 0) yield { unread: `${counted(jsr, 'JSR package')} without a covering feed` };
    const remote = fieldsIn(fieldOf(document, 'remote')).length;
    if (remote > 0) yield { unread: `${counted(remote, 'module')} imported by URL without a covering feed` };
  },
};
