/** The main attributes of a manifest (JAR File Specification, "Name-Value pairs and Sections"). */

/** What follows are the sections of single files: signed archives have megabytes of them. */
const MAX_MAIN = 1024 * 1024;

/** Attributes by lower-case name; the first of several counts. A line that is no attribute is passed over. */
export function readAttributes(content: Buffer): ReadonlyMap<string, string> {
  const attributes = new Map<string, string[]>();
  let open: string[] | undefined; // the attribute that a continuation belongs to
  // Lines are cut at 72 bytes, be it within a character: bytes until they are joined again.
  for (const line of content
    .subarray(0, MAX_MAIN)
    .toString('latin1')
    .split(/\r\n|\n|\r/)) {
    if (line === '') break; // the main section ends
    if (line.startsWith(' ')) {
      // differs: a wrapped value continues without a space (clair-indexing.md#one-bad-record)
      open?.push(line.slice(1));
      continue;
    }
    const [, written, value = ''] = /^([A-Za-z0-9][\w-]*)\s*:(.*)$/.exec(line) ?? [];
    const name = written?.toLowerCase();
    if (name === 'name') break; // a section of a file, without the empty line before it
    open = name === undefined || attributes.has(name) ? undefined : [value];
    if (name !== undefined && open !== undefined) attributes.set(name, open);
  }
  return new Map(
    [...attributes].map(([name, parts]) => [name, Buffer.from(parts.join(''), 'latin1').toString().trim()]),
  );
}
