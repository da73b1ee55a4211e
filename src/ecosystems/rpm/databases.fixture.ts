/** For tests: rpm's databases as scripts/make-rpm-fixtures.sh made them, the one that it cannot make, and layers of files. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Detection, Detector, LayerView } from '../../contract/detector.ts';
import { layerFile } from '../../contract/layer-file.fixture.ts';
import { fileBytes } from '../../formats/file-bytes.ts';
import { readSqlite } from './databases/sqlite.ts';

/** A file of fixtures/, unpacked. */
export function fixture(name: string): Buffer {
  const bytes = readFileSync(new URL(`./fixtures/${name}`, import.meta.url));
  return name.endsWith('.gz') ? gunzipSync(bytes) : bytes;
}

/** The headers in rpmdb.sqlite. */
export function headers(): Buffer[] {
  return [...readSqlite(fileBytes(fixture('rpmdb.sqlite.gz')))].map(({ blob }) => blob!);
}

/** An NDB database: a page of slots, a free one among them, then the headers. */
export function composeNdb(blobs: readonly Buffer[], slotPages = 1): Buffer {
  const slots = Buffer.alloc(slotPages * 4096);
  slots.write('RpmP', 0);
  slots.writeUInt32LE(slotPages, 12);
  slots.writeUInt32LE(blobs.length + 2, 16);
  for (let at = 32; at < slots.length; at += 16) slots.write('Slot', at);
  const areas: Buffer[] = [];
  let block = slots.length / 16;
  for (const [index, blob] of blobs.entries()) {
    const blocks = Math.ceil((16 + blob.length + 12) / 16);
    const area = Buffer.alloc(blocks * 16);
    const tail = area.length - 12;
    area.write('BlbS', 0);
    area.writeUInt32LE(index + 1, 4);
    area.writeUInt32LE(7, 8);
    area.writeUInt32LE(blob.length, 12);
    blob.copy(area, 16);
    area.writeUInt32LE(adler32(area.subarray(0, tail)), tail);
    area.writeUInt32LE(blob.length, tail + 4);
    area.write('BlbE', tail + 8);
    const slot = 32 + 16 * (2 * index + 1);
    slots.writeUInt32LE(index + 1, slot + 4);
    slots.writeUInt32LE(block, slot + 8);
    slots.writeUInt32LE(blocks, slot + 12);
    areas.push(area);
    block += blocks;
  }
  return Buffer.concat([slots, ...areas]);
}

/** RFC 1950, to the letter. */
function adler32(bytes: Buffer): number {
  let a = 1;
  let b = 0;
  for (const byte of bytes) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  return b * 65_536 + a;
}

/** What `detector` finds in a layer of these regular files. */
export function findIn(detector: Detector, contents: Readonly<Record<string, string | Buffer>>): Detection[] {
  const files = Object.entries(contents).map(([path, content]) => layerFile(path, content));
  const layer: LayerView = {
    files: files.filter(
      ({ path, size, mode }) =>
        detector.paths?.includes(path) || detector.wants?.({ path, size, mode, type: 'file' }),
    ),
    file: (path) => files.find((file) => file.path === path),
    names: () => [],
    has: (path, type) => (type ?? 'file') === 'file' && Object.hasOwn(contents, path),
  };
  return [...(detector.read?.(layer) ?? [])];
}

/** What a header says of a package. */
export interface HeaderFacts {
  readonly name: string;
  readonly version: string;
  readonly release: string;
  readonly epoch?: number;
  readonly arch?: string;
  readonly sourceRpm?: string;
  readonly vendor?: string;
  readonly modularityLabel?: string;
}

/** A header (rpm's docs/manual/format.md) without a region, as rpm 3 wrote them. */
export function composeHeader(facts: HeaderFacts): Buffer {
  const texts: [tag: number, text: string | undefined][] = [
    [1000, facts.name],
    [1001, facts.version],
    [1002, facts.release],
    [1011, facts.vendor],
    [1022, facts.arch ?? 'x86_64'],
    [1044, facts.sourceRpm],
    [5096, facts.modularityLabel],
  ];
  const values = texts.flatMap(([tag, text]) =>
    text === undefined ? [] : [{ tag, type: 6, data: Buffer.from(`${text}\0`) }],
  );
  if (facts.epoch !== undefined) {
    const data = Buffer.alloc(4);
    data.writeUInt32BE(facts.epoch);
    values.unshift({ tag: 1003, type: 4, data });
  }
  const index = Buffer.alloc(values.length * 16);
  let offset = 0;
  for (const [at, { tag, type, data }] of values.entries()) {
    for (const [word, value] of [tag, type, offset, 1].entries())
      index.writeUInt32BE(value, at * 16 + word * 4);
    offset += data.length;
  }
  const intro = Buffer.alloc(8);
  intro.writeUInt32BE(values.length, 0);
  intro.writeUInt32BE(offset, 4);
  return Buffer.concat([intro, index, ...values.map(({ data }) => data)]);
}
