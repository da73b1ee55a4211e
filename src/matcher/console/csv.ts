/** Rows as CSV (RFC 4180), safe to be opened in a spreadsheet. */

/** The names of the members of the first row are the header; lists and objects are joined. */
export function csvOf(rows: readonly object[]): string {
  const names = Object.keys(rows[0] ?? {});
  const lines = rows.map((row) =>
    names.map((name) => cellOf((row as Record<string, unknown>)[name])).join(','),
  );
  return [names.map(cellOf).join(','), ...lines, ''].join('\r\n');
}

function cellOf(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const text = textOf(value);
  // A spreadsheet takes what begins with these for a formula.
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map(textOf).join(' ');
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'object')
    return Object.entries(value)
      .map(([key, each]) => `${key}=${textOf(each)}`)
      .join(' ');
  return String(value);
}
