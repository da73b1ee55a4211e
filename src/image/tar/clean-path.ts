/** Names in archives as clean paths: rooted, without leading slash, `.` and `..` gone. */

/** The root is ''. `..` cannot escape it. */
export function cleanPath(name: string): string {
  let from = 0;
  let to = name.length;
  while (from < to) {
    if (name.charCodeAt(from) === SLASH) from++;
    else if (name.charCodeAt(from) === DOT && (from + 1 === to || name.charCodeAt(from + 1) === SLASH))
      from++;
    else break;
  }
  while (to > from && name.charCodeAt(to - 1) === SLASH) to--;
  const path = from === 0 && to === name.length ? name : name.slice(from, to);
  // Nearly every name is clean by now.
  return path.includes('//') || path.includes('/.') || path.startsWith('..') ? cleanSlowly(path) : path;
}

function cleanSlowly(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  return segments.join('/');
}

/** The path of `base` in the directory at `folder`. */
export function joinPath(folder: string, base: string): string {
  return folder === '' ? base : `${folder}/${base}`;
}

/** Order of the UTF-8 bytes of two paths. */
export function byteOrder(a: string, b: string): number {
  if (a === b) return 0;
  // Only beyond the BMP do UTF-16 units sort otherwise than the bytes.
  if (SURROGATE.test(a) || SURROGATE.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : 1;
}

const SURROGATE = /[\ud800-\udfff]/;
const SLASH = 0x2f;
const DOT = 0x2e;
