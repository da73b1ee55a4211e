/** IPv4 addresses inside IPv6 ones: where a gateway, a tunnel or the system itself sends what is sent to the latter. */
import { isIPv6 } from 'node:net';

/** The bytes of an IPv4 address in RFC 6052 §2.2, by the length of the prefix: 32, 40, 48, 56, 64, 96. Byte 8 is none of it. */
const PLACES = [
  [4, 5, 6, 7],
  [5, 6, 7, 9],
  [6, 7, 9, 10],
  [7, 9, 10, 11],
  [9, 10, 11, 12],
  [12, 13, 14, 15],
] as const;
/** RFC 3056 §2. */
const SIX_TO_FOUR = [2, 3, 4, 5] as const;

/**
 * Every IPv4 address, in dots, that `address` may carry; none for what is not IPv6. A network chooses its own prefix for NAT64
 * (RFC 6052, RFC 8215), so all places count whatever stands before them. The last four bytes are also those of
 * IPv4-mapped, -compatible and -translated addresses (RFC 4291 §2.5.5, RFC 2765) and of ISATAP (RFC 5214); Teredo has a server
 * at bytes 4-7 and its client inverted at the end (RFC 4380 §4).
 */
export function carriedAddresses(address: string): string[] {
  const bytes = bytesOf(address);
  if (bytes === undefined) return [];
  const at = (places: readonly number[], mask = 0): string => places.map((i) => bytes[i]! ^ mask).join('.');
  return [...[...PLACES, SIX_TO_FOUR].map((places) => at(places)), at(PLACES[5], 0xff)];
}

/** RFC 4291 §2.2, with or without a zone; undefined if it is none. */
function bytesOf(address: string): Buffer | undefined {
  if (!isIPv6(address)) return undefined;
  const plain = address.replace(/%.*$/s, '');
  const hex = plain.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...bytes: string[]) => {
    const [a, b, c, d] = bytes.slice(0, 4).map(Number) as [number, number, number, number];
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  });
  const [head = [], tail = []] = hex
    .split('::')
    .map((side) => side.split(':').filter((group) => group !== ''));
  const zeros = new Array<string>(8 - head.length - tail.length).fill('0');
  return Buffer.from([...head, ...zeros, ...tail].map((group) => group.padStart(4, '0')).join(''), 'hex');
}
