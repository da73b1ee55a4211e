/** Core metadata of a Python distribution (METADATA, PKG-INFO): its name and version. */

/** As written, but for folding and the spaces around. */
export interface Metadata {
  readonly name: string;
  readonly version: string;
}

/** Name and version come first as a rule, but a summary may stand before them; descriptions have up to 2 MiB. */
export const MAX_HEADER = 8 * 1024 * 1024;

/** The b-tree of a database takes no longer texts, and no package has them. */
const MAX_LENGTH = 512;

/** Reads the header of core metadata; undefined if it lacks a name or a version, or they cannot be such. */
export function readMetadata(content: Buffer): Metadata | undefined {
  const header = content
    .subarray(0, MAX_HEADER)
    .toString()
    .replace(/^\uFEFF/, '');
  const fields = new Map<string, string>();
  let open: string | undefined; // the field that a folded line belongs to
  for (const line of header.split(/\r\n|\n|\r/)) {
    if (line === '') break; // RFC 822: the body follows
    if (/^[ \t]/.test(line)) {
      // RFC 822, 3.1.1: a folded line goes on
      if (open !== undefined) fields.set(open, `${fields.get(open)} ${line.trim()}`);
      continue;
    }
    const [, field = '', value = ''] = /^(name|version)[ \t]*:(.*)$/is.exec(line) ?? [];
    open = fields.has(field.toLowerCase()) ? undefined : field.toLowerCase() || undefined;
    if (open !== undefined) fields.set(open, value.trim());
  }
  const name = fields.get('name')?.trim();
  const version = fields.get('version')?.trim();
  return isText(name) && isText(version) ? { name, version } : undefined;
}

function isText(text: string | undefined): text is string {
  return text !== undefined && text !== '' && text.length <= MAX_LENGTH && !/[\x00-\x1f\x7f]/.test(text);
}
