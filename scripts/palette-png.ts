/** Pictures for the documents with a palette of 256 colours: a third of the bytes, and no difference to be seen. */
import { crc32, deflateSync, inflateSync } from 'node:zlib';

interface Pixels {
  readonly width: number;
  readonly height: number;
  /** `0xrrggbb` of each. */
  readonly colors: Uint32Array;
}

/** The same picture. PNG specification, 3rd edition; `png` is of 8 bits, in RGB(A), not interlaced: a browser's. */
export function palettePng(png: Buffer): Buffer {
  const { width, height, colors } = readPixels(png);
  const { palette, numbers } = paletteOf(colors);
  const lines = Buffer.alloc((width + 1) * height); // each begins with its filter: none
  for (const [at, color] of colors.entries())
    lines[at + Math.floor(at / width) + 1] = numbers.get(color) ?? 0;
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3, 0, 0, 0], 8);
  return Buffer.concat([
    png.subarray(0, 8),
    chunk('IHDR', head),
    chunk('PLTE', Buffer.from(palette.flatMap(partsOf))),
    chunk('IDAT', deflateSync(lines, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** The 256 most frequent colours, and of every colour which of these is nearest. */
function paletteOf(colors: Uint32Array): { palette: number[]; numbers: ReadonlyMap<number, number> } {
  const counts = new Map<number, number>();
  for (const color of colors) counts.set(color, (counts.get(color) ?? 0) + 1);
  const frequent = [...counts].sort(([, a], [, b]) => b - a).slice(0, 256);
  const palette = frequent.map(([color]) => color);
  const numbers = new Map<number, number>();
  for (const color of counts.keys()) {
    const distances = palette.map((each) => distance(partsOf(color), partsOf(each)));
    numbers.set(color, distances.indexOf(Math.min(...distances)));
  }
  return { palette, numbers };
}

const partsOf = (color: number): number[] => [color >> 16, (color >> 8) & 255, color & 255];

function distance(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, part, index) => sum + (part - b[index]!) ** 2, 0);
}

function readPixels(png: Buffer): Pixels {
  const data: Buffer[] = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    const body = png.subarray(at + 8, at + 8 + png.readUInt32BE(at));
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') data.push(body);
  }
  const [width, height, size] = [png.readUInt32BE(16), png.readUInt32BE(20), png[25] === 6 ? 4 : 3];
  const packed = inflateSync(Buffer.concat(data));
  const length = width * size;
  const colors = new Uint32Array(width * height);
  let above: Uint8Array = new Uint8Array(length);
  for (let y = 0; y < height; y++) {
    const start = y * (length + 1);
    const line = packed.subarray(start + 1, start + 1 + length);
    for (let x = 0; x < length; x++) {
      const [a, b, c] = [line[x - size] ?? 0, above[x] ?? 0, above[x - size] ?? 0];
      line[x] = line[x]! + predicted(packed[start]!, a, b, c);
    }
    for (let x = 0; x < width; x++) {
      const at = x * size;
      colors[y * width + x] = (line[at]! << 16) | (line[at + 1]! << 8) | line[at + 2]!;
    }
    above = line;
  }
  return { width, height, colors };
}

/** Section 9: by the bytes to the left, above, and above to the left. */
function predicted(filter: number, a: number, b: number, c: number): number {
  if (filter < 4) return [0, a, b, (a + b) >> 1][filter]!;
  const [toA, toB, toC] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)];
  if (toA <= toB && toA <= toC) return a;
  return toB <= toC ? b : c;
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}
