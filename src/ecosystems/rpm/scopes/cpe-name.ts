/** Writes CPE_NAME of os-release(5), in whichever of the two forms it is, as the formatted string of CPE 2.3. */

// NISTIR 7695 §6.1, §6.2: `cpe:/part:vendor:product:…`, seven parts; `cpe:2.3:` and eleven. Characters that would need
// quoting do not occur in the name of a distribution.
const FORM = /^cpe:(?:\/|2\.3:)([aoh](?::[\w.*+-]*){1,10})$/i;
const PARTS = 11;

/** The formatted string; '' if `text` is no CPE. Parts that are not there may be anything. */
export function formatCpeName(text: string): string {
  const parts = FORM.exec(text.trim())?.[1]?.toLowerCase().split(':');
  if (parts === undefined) return '';
  return ['cpe:2.3', ...Array.from({ length: PARTS }, (_, index) => parts[index] || '*')].join(':');
}
