/** Damages real files: reproducible from a seed. */

/** Numbers from 0 up to, and without, `below`. */
export type Random = (below: number) => number;

/** The same numbers for the same seed (the mixing function of MurmurHash3 over a counter). */
export function randomFrom(seed: number): Random {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return Math.floor((((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32) * below);
  };
}

const MAX_MUTATIONS = 8;
/** Where formats keep their lengths and offsets: half of the damage goes there, at either end. */
const EDGE = 4096;
const INTERESTING = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];

type Mutation = (bytes: Buffer, random: Random, others: readonly Buffer[]) => Buffer;

const MUTATIONS: readonly Mutation[] = [
  (bytes, random) => {
    const at = placeIn(bytes, random);
    bytes[at] = bytes[at]! ^ (1 << random(8));
    return bytes;
  },
  (bytes, random) => {
    bytes[placeIn(bytes, random)] = random(256);
    return bytes;
  },
  (bytes, random) => {
    const at = placeIn(bytes, random);
    const value = INTERESTING[random(INTERESTING.length)]!;
    const size = ([1, 2, 4] as const)[random(3)]!;
    if (at + size > bytes.length) return bytes;
    const masked = size === 4 ? value : value % 2 ** (8 * size);
    if (random(2) === 0) bytes.writeUIntBE(masked, at, size);
    else bytes.writeUIntLE(masked, at, size);
    return bytes;
  },
  (bytes, random) => bytes.subarray(0, random(bytes.length + 1)),
  (bytes, random) => {
    const [from, to] = [placeIn(bytes, random), placeIn(bytes, random)];
    bytes.copyWithin(to, from, from + random(512));
    return bytes;
  },
  (bytes, random) => {
    const at = placeIn(bytes, random);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + random(512))]);
  },
  (bytes, random) => {
    const at = placeIn(bytes, random);
    const filling = Buffer.alloc(random(512), random(256));
    return Buffer.concat([bytes.subarray(0, at), filling, bytes.subarray(at)]);
  },
  (bytes, random, others) => {
    const other = others[random(others.length)]!;
    const at = placeIn(bytes, random);
    return Buffer.concat([bytes.subarray(0, at), other.subarray(placeIn(other, random))]);
  },
];

/** One of `seeds` with some of its bytes changed, moved, dropped, or mixed with another one's. */
export function mutate(seeds: readonly Buffer[], random: Random): Buffer {
  let bytes: Buffer = Buffer.from(seeds[random(seeds.length)]!);
  for (let left = 1 + random(MAX_MUTATIONS); left > 0 && bytes.length > 0; left--) {
    bytes = MUTATIONS[random(MUTATIONS.length)]!(bytes, random, seeds);
  }
  return bytes;
}

function placeIn(bytes: Buffer, random: Random): number {
  const { length } = bytes;
  if (length <= EDGE) return random(Math.max(1, length));
  const kind = random(4);
  if (kind === 0) return random(EDGE);
  return kind === 1 ? length - 1 - random(EDGE) : random(length);
}
