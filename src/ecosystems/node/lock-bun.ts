/** `bun.lock` (bun.sh/docs: lockfile): JSON that may have commas at the end of lists; and its older form. */
import { fieldOf, fieldsIn, parseJson } from '../../formats/json/file.ts';
import type { ListFormat, ListItem } from '../../formats/locks/list.ts';

export const bunLock: ListFormat = {
  is: /(?:^|\/)bun\.lock$/,
  *read(text): Generator<ListItem> {
    const packages = fieldOf(parseJson(withoutLastCommas(text)), 'packages');
    if (packages === undefined) throw new Error('it has no packages');
    for (const [key, value] of fieldsIn(packages)) {
      const written = Array.isArray(value) && typeof value[0] === 'string' ? value[0] : key;
      const [, name, version] = /^((?:@[^/@]+\/)?[^@]+)@(.+)$/s.exec(written) ?? [];
      if (/^(?:workspace|file|link|root):/.test(version ?? '')) continue;
      yield { name: name ?? written, version: version ?? '' };
    }
  },
};

function withoutLastCommas(text: string): string {
  return text.replaceAll(/("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])/g, (_, quoted?: string) => quoted ?? '');
}

/** Its older form is binary. */
export const binaryBunLock: ListFormat = {
  is: /(?:^|\/)bun\.lockb$/,
  read() {
    throw new Error('it is in the binary form; `bun install --save-text-lockfile` writes one that is read');
  },
};
