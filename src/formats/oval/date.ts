/** Dates as OVAL files write them: the schema asks for `YYYY-MM-DD`, publishers use more. */

const ISO = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}:\d{2})(?:\.\d+)?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?$/;

/** RFC 3339 in UTC to the second; undefined for `unknown`, nothing, or what is no date. */
export function parseOvalDate(text: string): string | undefined {
  const trimmed = text.trim();
  const [, date, time = '00:00:00', zone = 'Z'] = ISO.exec(trimmed) ?? [];
  const offset = zone === 'UTC' || zone === 'GMT' ? 'Z' : zone;
  // Others are written out, as in RFC 1123 or "October 23, 2019"; those that name no zone mean UTC.
  const iso = date === undefined ? withZone(trimmed) : `${date}T${time}${offset}`;
  const parsed = new Date(iso ?? Number.NaN);
  const year = parsed.getUTCFullYear(); // NaN if it is no date
  return year >= 0 && year <= 9999 ? `${parsed.toISOString().slice(0, 19)}Z` : undefined;
}

function withZone(text: string): string | undefined {
  if (!/\d{4}/.test(text) || !/[A-Za-z]{3}/.test(text) || text.length > 64) return undefined;
  return /(Z|UTC|GMT|EST|EDT|[+-]\d{2}:?\d{2})\s*$/.test(text) ? text : `${text} UTC`;
}
