/** A part of a version of Debian, deb-version(7); versions of opam are such parts as a whole. */

/** deb-version(7), sorting algorithm: non-digits up to the next digit, then digits up to the next non-digit, and so on. */
export function comparePart(a: string, b: string): number {
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    while ((i < a.length && !isDigit(a, i)) || (j < b.length && !isDigit(b, j))) {
      const difference = rankAt(a, i) - rankAt(b, j);
      if (difference !== 0) return difference;
      i += 1;
      j += 1;
    }
    const x = digitsAt(a, i);
    const y = digitsAt(b, j);
    const difference =
      x.digits.length - y.digits.length || (x.digits < y.digits ? -1 : +(x.digits > y.digits));
    if (difference !== 0) return difference;
    i = x.end;
    j = y.end;
  }
  return 0;
}

// A byte for each character of a run of non-digits, in dpkg's order: `~`, the end of the run, letters, the others.
const TILDE = 1;
const END = 2;

function rankAt(text: string, at: number): number {
  if (at >= text.length || isDigit(text, at)) return END;
  const code = text.charCodeAt(at);
  if (code === 0x7e) return TILDE;
  const isLetter = (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a;
  return isLetter ? code : code + 0x80;
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0x30 && code <= 0x39;
}

/** The run of digits at `at` without leading zeros, '' for 0 or none; and where it ends. */
function digitsAt(text: string, at: number): { digits: string; end: number } {
  let end = at;
  while (end < text.length && isDigit(text, end)) end += 1;
  let start = at;
  while (start < end && text[start] === '0') start += 1;
  return { digits: text.slice(start, end), end };
}

/**
 * Bytes that sort as the part does: the ranks of a run of non-digits, END, its number as length and digits; and again; and
 * END. A part ends itself, so it cannot run into what follows, and a text that goes on with `~` is below END, with anything
 * else above it.
 */
export function keyOfPart(part: string): Buffer {
  const bytes: number[] = [];
  for (let at = 0; at < part.length; ) {
    for (; at < part.length && !isDigit(part, at); at += 1) bytes.push(rankAt(part, at));
    const { digits, end } = digitsAt(part, at);
    bytes.push(END);
    let length = digits.length;
    for (; length >= 0xff; length -= 0xff) bytes.push(0xff);
    bytes.push(length);
    for (let index = 0; index < digits.length; index += 1) bytes.push(digits.charCodeAt(index));
    at = end;
  }
  bytes.push(END);
  return Buffer.from(bytes);
}
