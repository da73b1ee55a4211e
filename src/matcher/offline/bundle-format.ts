/**
 * The file of a prebuilt database: a header, then the rows of each table as PostgreSQL copies them, then a checksum.
 * A frame is four bytes of length and so many bytes; a table ends with an empty one.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { AppError } from '../../errors.ts';

/** What every such file begins with. */
const MAGIC = 'clair database bundle\n';
/** Of the format itself. */
export const VERSION = 1;

/** No frame that is written is longer. */
const FRAME = 256 * 1024;
const MAX_FRAME = 64 * 1024 * 1024;

const Header = z.object({
  version: z.int(),
  /** The number of the last migration of the matcher's schema. */
  schema: z.int(),
  /** ISO 8601. */
  created: z.string(),
  /** Of this export; older ones have none. */
  id: z.string().max(100).optional(),
  tables: z
    .array(
      z.object({
        name: z.string().regex(/^[a-z_]{1,63}$/),
        columns: z.array(z.string().regex(/^[a-z_0-9]{1,63}$/)).min(1),
      }),
    )
    .min(1),
});

export type BundleHeader = z.infer<typeof Header>;

/** The bytes of a bundle; `rowsOf` is called for each table in turn, and hands its rows on in pieces of any length. */
export async function writeBundle(
  header: BundleHeader,
  rowsOf: (table: string, read: (chunks: AsyncIterable<Buffer>) => Promise<void>) => Promise<void>,
  write: (chunk: Buffer) => Promise<void>,
): Promise<void> {
  const hash = createHash('sha256');
  const put = async (chunk: Buffer): Promise<void> => {
    hash.update(chunk);
    await write(chunk);
  };
  await put(Buffer.from(MAGIC));
  await put(frame(Buffer.from(JSON.stringify(header))));
  for (const { name } of header.tables) {
    await rowsOf(name, async (chunks) => {
      let parts: Buffer[] = [];
      let length = 0;
      for await (const chunk of chunks) {
        parts.push(chunk);
        length += chunk.length;
        if (length < FRAME) continue;
        await put(frame(...parts));
        parts = [];
        length = 0;
      }
      if (length > 0) await put(frame(...parts));
    });
    await put(frame());
  }
  await write(hash.digest());
}

function frame(...parts: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(parts.reduce((sum, { length }) => sum + length, 0));
  return Buffer.concat([head, ...parts]);
}

export interface BundleReader {
  readonly header: BundleHeader;
  /** The rows of the next table of the header. */
  rows(): AsyncIterable<Buffer>;
  /** After the last table. Throws `feed` if the checksum is wrong, or something follows. */
  end(): Promise<void>;
}

/** Throws `feed` if the file called `name` is no bundle, of a later format, or cut short. */
export async function openBundle(chunks: AsyncIterable<Uint8Array>, name: string): Promise<BundleReader> {
  const source = exactly(chunks, name);
  const hash = createHash('sha256');
  const take = async (length: number): Promise<Buffer> => {
    const bytes = await source.take(length);
    hash.update(bytes);
    return bytes;
  };
  const takeFrame = async (): Promise<Buffer> => {
    const length = (await take(4)).readUInt32BE();
    if (length > MAX_FRAME) throw new AppError('feed', `${name} is damaged`);
    return await take(length);
  };
  const magic = await take(MAGIC.length).catch(() => Buffer.alloc(0));
  if (magic.toString('latin1') !== MAGIC)
    throw new AppError('feed', `${name} is not a bundle of "clairctl db export"`);
  const header = readHeader(await takeFrame(), name);
  return {
    header,
    async *rows() {
      for (let bytes = await takeFrame(); bytes.length > 0; bytes = await takeFrame()) yield bytes;
    },
    async end() {
      const wanted = hash.digest();
      if (!wanted.equals(await source.take(wanted.length)) || !(await source.atEnd()))
        throw new AppError('feed', `${name} is damaged: its checksum does not match`);
    },
  };
}

function readHeader(bytes: Buffer, name: string): BundleHeader {
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString());
  } catch {
    throw new AppError('feed', `${name} is damaged: its header is not valid JSON`);
  }
  const version = z.object({ version: z.int() }).safeParse(json).data?.version;
  if (version !== undefined && version > VERSION)
    throw new AppError(
      'feed',
      `${name} has format ${version}, this release supports ${VERSION}. Use the newer release that wrote it`,
    );
  const read = Header.safeParse(json);
  if (!read.success) throw new AppError('feed', `${name} is damaged: ${read.error.issues[0]?.message}`);
  return read.data;
}

/** Bytes in the numbers that are asked for. */
function exactly(chunks: AsyncIterable<Uint8Array>, name: string) {
  const iterator = chunks[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);
  const more = async (): Promise<boolean> => {
    const next = await iterator.next();
    if (next.done) return false;
    const chunk = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    return true;
  };
  return {
    async take(length: number): Promise<Buffer> {
      while (rest.length < length)
        if (!(await more())) throw new AppError('feed', `${name} is truncated: its end is missing`);
      const taken = rest.subarray(0, length);
      rest = rest.subarray(length);
      return taken;
    },
    async atEnd(): Promise<boolean> {
      return rest.length === 0 && !(await more());
    },
  };
}
