/** Reads the files of pacman's local database: `%NAME%` on a line, then its values, a line each, until a blank one. */

/** Real ones have under 4 KiB; nothing beyond this is looked at. */
const MAX_LENGTH = 1024 * 1024;

/** The values of the sections that are wanted; the first of each name counts. */
export function readSections(bytes: Buffer, wanted: ReadonlySet<string>): ReadonlyMap<string, string[]> {
  const sections = new Map<string, string[]>();
  let values: string[] | undefined;
  for (const line of bytes.toString('utf8', 0, MAX_LENGTH).split('\n')) {
    const name = /^%([A-Z0-9]+)%\s*$/.exec(line)?.[1];
    if (name !== undefined) {
      values = undefined;
      if (wanted.has(name) && !sections.has(name)) sections.set(name, (values = []));
    } else if (line.trim() === '') values = undefined;
    else values?.push(line.trim());
  }
  return sections;
}

/** The lines of `%FILES%`: paths without a leading slash, directories with one at the end. */
export function* filesIn(bytes: Buffer): Generator<string> {
  const text = bytes.toString();
  let isFiles = false;
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf('\n', start);
    const line = text.slice(start, end === -1 ? text.length : end);
    start = end === -1 ? text.length : end + 1;
    if (line.startsWith('%')) isFiles = line.trimEnd() === '%FILES%';
    else if (isFiles && line !== '' && !line.endsWith('/')) yield line;
  }
}
