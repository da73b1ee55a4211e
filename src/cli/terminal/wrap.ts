/** Text in lines that fit: nothing is cut, and what has no spaces is broken where it must. */

const NARROWEST = 20;

/** `text` in lines of at most `columns`; those after the first begin with `indent`. undefined: one line, however long. */
export function wrap(text: string, columns: number | undefined, indent = '  '): string[] {
  if (columns === undefined || text.length <= columns) return [text];
  const width = Math.max(columns, NARROWEST);
  const lines: string[] = [];
  let rest = text;
  while (rest.length > width) {
    // A blank in the indent itself is no place to break.
    const from = lines.length === 0 ? /^ */.exec(rest)![0].length : indent.length;
    const space = rest.lastIndexOf(' ', width);
    const end = space > from ? space : width;
    lines.push(rest.slice(0, end).trimEnd());
    rest = indent + rest.slice(end).trimStart();
  }
  return [...lines, ...(rest.trim() === '' ? [] : [rest])];
}
