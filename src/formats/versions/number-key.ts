/** Integers of any size as digits: their order, and byte strings that have the same order. */

/** `digits` without leading zeros; zero is '0'. */
export function stripZeros(digits: string): string {
  const stripped = digits.replace(/^0+/, '');
  return stripped === '' ? '0' : stripped;
}

/** Order of two stripped digit runs: longer is greater, else text order decides. */
export function compareDigits(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A prefix-free key of a stripped digit run: its length, then its digits (zero has none). */
export function digitsKey(digits: string): Buffer {
  const text = digits === '0' ? '' : digits;
  if (text.length < 0xff) return Buffer.from(`${String.fromCharCode(text.length)}${text}`, 'latin1');
  const head = Buffer.alloc(5, 0xff);
  head.writeUInt32BE(text.length, 1);
  return Buffer.concat([head, Buffer.from(text, 'latin1')]);
}

/** Order of two texts by their code units, as `Array.sort` wants it. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** `digits` as a number of Clair's ten-integer form, which has 32 bits. */
export function clampToInt32(digits: string): number {
  return Math.min(Number(digits), 0x7fffffff);
}
