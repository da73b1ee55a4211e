/** Ids that follow from what they name, so that doing a thing twice makes nothing twice (RFC 9562 §5.5). */
import { hash } from 'node:crypto';

/** Of this program; any fixed one does. */
const NAMESPACE = Buffer.from('6f1c2f0a9d3b4c1e8a57c0e4b1d2f390', 'hex');

/** UUID version 5 of `parts`. */
export function nameUuid(...parts: readonly string[]): string {
  const text = parts.map((part) => `${part.length}:${part}`).join('');
  const bytes = hash('sha1', Buffer.concat([NAMESPACE, Buffer.from(text)]), 'buffer').subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
