/** Reads deb822(5) stanzas: dpkg's status file, Release files. */

import { linesIn } from './text-lines.ts';

/** One stanza: the fields that were asked for, by lower-case name, folded lines joined by one space. */
export interface Deb822Stanza {
  /** Of its first line, from 1. */
  readonly line: number;
  readonly fields: ReadonlyMap<string, string>;
  /** What of it could not be read, e.g. `line 7 is no field`; '' if all could. */
  readonly fault: string;
}

/** Characters of one value; what is longer is cut, and a fault. */
const MAX_VALUE = 64 * 1024;

const HASH = 0x23;

// deb822(5): any printable character but space and colon, and neither # nor - first.
const FIELD = /^([!"$-,./0-9;-~][!-9;-~]*)[ \t]*:[ \t]*(.*)$/s;

/**
 * The stanzas of a file, also the last one if no blank line ends it. A line that is no field is skipped and told as the
 * stanza's fault; a field that comes twice counts as it came first. Only the fields of `wanted` (lower case) are kept.
 * Throws after more lines than any such file has.
 */
export function* readDeb822(bytes: Buffer, wanted: ReadonlySet<string>): Generator<Deb822Stanza> {
  let fields = new Map<string, string>();
  let fault = '';
  let first = 0; // line of the stanza's beginning; 0: between stanzas
  let open: string | undefined; // the field that a continuation line belongs to, if it is wanted

  for (const { line, start, end } of linesIn(bytes)) {
    if (start === end) {
      if (first > 0) yield { line: first, fields, fault };
      fields = new Map();
      fault = '';
      first = 0;
      open = undefined;
      continue;
    }
    if (bytes[start] === HASH) continue;
    const begins = first === 0;
    if (begins) first = line;

    let value: string;
    if (isBlank(bytes[start]!)) {
      // Also a line of nothing but blanks: deb822(5) leaves that to the reader, and dpkg writes none.
      if (begins) fault = `line ${line} continues nothing`;
      const before = open === undefined ? undefined : fields.get(open);
      if (open === undefined || before === undefined || before.length === MAX_VALUE) continue;
      value = `${before} ${text(bytes, start, end).trim()}`;
    } else {
      const [, name, rest] = FIELD.exec(text(bytes, start, end)) ?? [];
      open = undefined;
      if (name === undefined || rest === undefined) {
        fault ||= `line ${line} is no field`;
        continue;
      }
      const key = name.toLowerCase();
      if (!wanted.has(key)) continue;
      if (fields.has(key)) {
        fault ||= `line ${line} has a second ${name}`;
        continue;
      }
      open = key;
      value = rest.trimEnd();
    }
    if (value.length > MAX_VALUE) {
      fault ||= `line ${line}: a value of more than ${MAX_VALUE} characters`;
      value = value.slice(0, MAX_VALUE);
    }
    fields.set(open, value);
  }
  if (first > 0) yield { line: first, fields, fault };
}

/** The text of a line, up to what can be kept of it. */
function text(bytes: Buffer, start: number, end: number): string {
  return bytes.toString('utf8', start, Math.min(end, start + MAX_VALUE * 2));
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09;
}
