/** COPY's text format, one row a line. */

/** What a column of a COPY row can be. */
export type CopyValue = string | number | bigint | boolean | Buffer | null | undefined | readonly string[];

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\0': '\uFFFD', // PostgreSQL's text cannot hold NUL: one such name must not fail a whole import
};

/** One line of COPY's text format, with its line feed; NUL characters become U+FFFD. */
export function encodeCopyRow(values: readonly CopyValue[]): string {
  let line = '';
  for (let i = 0; i < values.length; i++) {
    if (i > 0) line += '\t';
    line += encode(values[i]);
  }
  return `${line}\n`;
}

function encode(value: CopyValue): string {
  if (value === null || value === undefined) return '\\N';
  if (typeof value === 'string') return escaped(value);
  if (typeof value === 'boolean') return value ? 't' : 'f';
  if (Buffer.isBuffer(value)) return `\\\\x${value.toString('hex')}`;
  if (typeof value === 'object') return escaped(arrayLiteral(value));
  return String(value);
}

function escaped(text: string): string {
  return /[\\\n\r\t\0]/.test(text) ? text.replace(/[\\\n\r\t\0]/g, (char) => ESCAPES[char]!) : text;
}

function arrayLiteral(items: readonly string[]): string {
  return `{${items.map((item) => `"${item.replace(/["\\]/g, '\\$&')}"`).join(',')}}`;
}
