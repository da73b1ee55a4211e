/** Text from images, feeds and servers, made fit for a terminal. */

// Controls could move the cursor, format characters turn the direction of a line: both would show what is not there.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** One line: everything that is no visible character is a `?`. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, '?');
}

/** Several lines: those breaks stay. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}
