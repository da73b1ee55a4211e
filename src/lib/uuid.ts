/** UUIDs as clients may write them. */

const FORMS = [
  /^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/i,
  /^urn:uuid:([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/i,
  /^\{([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\}$/i,
  /^([0-9a-f]{32})$/i,
];

/** In lower case with dashes; undefined if it is none. Plain, `urn:uuid:`, in braces, or without dashes. */
export function parseUuid(text: string): string | undefined {
  const found = FORMS.map((form) => form.exec(text)?.[1]).find((digits) => digits !== undefined);
  const hex = found?.replaceAll('-', '').toLowerCase();
  return hex?.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
