/** The ways in which a file is damaged, each reproducible from its random numbers. */
import type { Random } from '../mutate.ts';

/**
 * `truncated`: cut at any byte. `padded`, `oversized`: up to 600 bytes, or 64 KiB to 2 MiB, of one filling put in somewhere.
 * `garbled`: up to eight bytes changed in place. `nested`: up to 65,536 brackets or elements within each other put in.
 */
export type Damage = 'truncated' | 'padded' | 'oversized' | 'garbled' | 'nested';

const FILLINGS = ['\n', ' ', '\0', '\r\n', '\xff', 'lab\n', '# lab\n'];

const DAMAGES: Readonly<Record<Damage, (bytes: Buffer, random: Random) => Buffer>> = {
  truncated: (bytes, random) => bytes.subarray(0, random(bytes.length)),
  padded: (bytes, random) => padded(bytes, random, 1 + random(600)),
  oversized: (bytes, random) => padded(bytes, random, 2 ** (16 + random(6))),
  garbled: (bytes, random) => {
    const bad = Buffer.from(bytes);
    for (let left = 1 + random(8); left > 0 && bad.length > 0; left--) {
      const at = random(bad.length);
      bad[at] = random(2) === 0 ? random(256) : bad[at]! ^ (1 << random(8));
    }
    return bad;
  },
  nested: (bytes, random) => {
    const [open, close] = NESTS[random(NESTS.length)]!;
    const depth = 2 ** random(random(8) === 0 ? 17 : 8);
    const at = placeOf(bytes, random);
    const closed = random(2) === 0 ? close.repeat(depth) : '';
    return Buffer.concat([
      bytes.subarray(0, at),
      Buffer.from(open.repeat(depth) + closed),
      bytes.subarray(at),
    ]);
  },
};

const NESTS: readonly (readonly [string, string])[] = [
  ['[', ']'],
  ['{"a":', '}'],
  ['"a":{', '},'],
  ['<a>', '</a>'],
  ['(', ')'],
  ['  ', '\n'],
];

/** One of the kinds: those that are big are dear, and come more seldom. */
export function damageIn(random: Random): Damage {
  const share = random(50);
  if (share === 0) return 'oversized';
  return share < 5 ? 'nested' : (['truncated', 'padded', 'garbled'] as const)[share % 3]!;
}

export function damaged(kind: Damage, bytes: Buffer, random: Random): Buffer {
  return DAMAGES[kind](bytes, random);
}

function padded(bytes: Buffer, random: Random, length: number): Buffer {
  const filling = Buffer.alloc(length, FILLINGS[random(FILLINGS.length)]!, 'latin1');
  const at = placeOf(bytes, random);
  return Buffer.concat([bytes.subarray(0, at), filling, bytes.subarray(at)]);
}

/** Where something is put in: before, behind, between lines, or anywhere. */
function placeOf(bytes: Buffer, random: Random): number {
  const kind = random(4);
  if (kind === 0) return 0;
  if (kind === 1) return bytes.length;
  const at = random(bytes.length + 1);
  return kind === 2 ? bytes.indexOf('\n', at) + 1 : at;
}
