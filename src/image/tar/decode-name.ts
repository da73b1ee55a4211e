/** Names in archives are bytes. */
import { isUtf8 } from 'node:buffer';

/** Names are UTF-8; a byte that is none is shown as `\xNN`, as Clair does. */
export function decodeName(bytes: Buffer, from = 0, to = bytes.length): string {
  const text = bytes.toString('utf8', from, to);
  return text.includes('\ufffd') ? showBytes(bytes.subarray(from, to), text) : text;
}

function showBytes(bytes: Buffer, text: string): string {
  if (isUtf8(bytes)) return text;
  let shown = '';
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceAt(bytes, at);
    shown +=
      length === 0
        ? `\\x${bytes[at]!.toString(16).padStart(2, '0')}`
        : bytes.toString('utf8', at, at + length);
    at += length || 1;
  }
  return shown;
}

/** Bytes of the UTF-8 character at `at`; 0 if there is none. */
function sequenceAt(bytes: Buffer, at: number): number {
  const first = bytes[at]!;
  const length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  return at + length <= bytes.length && isUtf8(bytes.subarray(at, at + length)) ? length : 0;
}
