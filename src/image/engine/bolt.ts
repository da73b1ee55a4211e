/**
 * Reads a database of bbolt (its page format, version 2) without a lock, as the program that has it open keeps that. Pages
 * that a commit replaces are reused by later ones: what was read holds only if no commit came meanwhile (`generation`).
 */
import { type FileHandle, open } from 'node:fs/promises';

export interface Bolt extends AsyncDisposable {
  /** The number of the last commit. */
  generation(): Promise<bigint>;
  /** The value at the end of a path of buckets; undefined: there is none. */
  get(path: readonly string[]): Promise<Buffer | undefined>;
  /** Names of the buckets in the bucket at `path`; at most `limit` of them. */
  buckets(path: readonly string[], limit: number): Promise<string[]>;
}

const MAGIC = 0xed0cdaed;
const VERSION = 2;
const PAGE_HEADER = 16;
const ELEMENT = 16;
const META_BYTES = 56;
const [BRANCH, LEAF] = [0x01, 0x02];
const IS_BUCKET = 0x01;
const BUCKET_HEADER = 16;
const DEPTH_LIMIT = 32;
const PAGE_LIMIT = 16 * 1024 ** 2;
/** Pages that one question may read. */
const READS_LIMIT = 10_000;

interface Meta {
  readonly pageSize: number;
  readonly root: bigint;
  readonly generation: bigint;
}

interface Entry {
  readonly key: Buffer;
  /** A page, in a branch. */
  readonly child?: bigint;
  readonly value?: Buffer;
  readonly isBucket?: boolean;
}

/** Opens the database at `path`. Throws if it cannot be read or is none. */
export async function openBolt(path: string): Promise<Bolt> {
  const handle = await open(path);
  try {
    await readMeta(handle);
  } catch (error) {
    await handle.close();
    throw error;
  }
  return {
    generation: async () => (await readMeta(handle)).generation,
    async get(path) {
      const reader = new Reader(handle, await readMeta(handle));
      const bucket = await reader.bucketAt(path.slice(0, -1));
      const found = bucket && (await reader.find(bucket, Buffer.from(path.at(-1) ?? '')));
      return found?.isBucket ? undefined : found?.value;
    },
    async buckets(path, limit) {
      const reader = new Reader(handle, await readMeta(handle));
      const bucket = await reader.bucketAt(path);
      const names: string[] = [];
      if (bucket === undefined) return names;
      for await (const { key, isBucket } of reader.all(bucket)) {
        if (isBucket) names.push(key.toString('utf8'));
        if (names.length > limit) throw new Error(`more than ${limit} buckets`);
      }
      return names;
    },
    [Symbol.asyncDispose]: () => handle.close(),
  };
}

/** The page of a bucket's root: one of the file, or one that lies in the bucket's value. */
type Root = { readonly page: bigint } | { readonly inline: Buffer };

class Reader {
  readonly #handle: FileHandle;
  readonly #meta: Meta;
  #reads = 0;

  constructor(handle: FileHandle, meta: Meta) {
    this.#handle = handle;
    this.#meta = meta;
  }

  async bucketAt(path: readonly string[]): Promise<Root | undefined> {
    let root: Root = { page: this.#meta.root };
    for (const name of path) {
      const found = await this.find(root, Buffer.from(name));
      if (!found?.isBucket || found.value === undefined || found.value.length < BUCKET_HEADER)
        return undefined;
      const page = found.value.readBigUInt64LE(0);
      root = page === 0n ? { inline: found.value.subarray(BUCKET_HEADER) } : { page };
    }
    return root;
  }

  /** By the keys of branches: the child is the last one that does not begin behind `key`. */
  async find(root: Root, key: Buffer): Promise<Entry | undefined> {
    let page = await this.#load(root);
    for (let depth = 0; depth < DEPTH_LIMIT; depth++) {
      const entries = entriesOf(page);
      if (!isBranch(page)) return entries.find((each) => each.key.equals(key));
      const next = entries.findLast((each) => each.key.compare(key) <= 0) ?? entries[0];
      if (next?.child === undefined) return undefined;
      page = await this.#load({ page: next.child });
    }
    throw new Error('pages are nested too deeply');
  }

  async *all(root: Root, depth = 0): AsyncGenerator<Entry> {
    if (depth === DEPTH_LIMIT) throw new Error('pages are nested too deeply');
    const page = await this.#load(root);
    for (const entry of entriesOf(page)) {
      if (entry.child === undefined) yield entry;
      else yield* this.all({ page: entry.child }, depth + 1);
    }
  }

  async #load(root: Root): Promise<Buffer> {
    if ('inline' in root) return root.inline;
    if (++this.#reads > READS_LIMIT) throw new Error(`more than ${READS_LIMIT} pages`);
    const { pageSize } = this.#meta;
    const at = root.page * BigInt(pageSize);
    if (at > BigInt(Number.MAX_SAFE_INTEGER)) throw new Error(`page ${root.page} is beyond the end`);
    const first = await readAt(this.#handle, Number(at), pageSize);
    const length = (first.readUInt32LE(12) + 1) * pageSize;
    if (length > PAGE_LIMIT) throw new Error(`page ${root.page} has ${length} bytes`);
    return length === pageSize ? first : await readAt(this.#handle, Number(at), length);
  }
}

function isBranch(page: Buffer): boolean {
  return (page.readUInt16LE(8) & BRANCH) !== 0;
}

/** Positions count from the element itself. */
function entriesOf(page: Buffer): Entry[] {
  if (page.length < PAGE_HEADER) throw new Error('a page is cut off');
  if ((page.readUInt16LE(8) & (BRANCH | LEAF)) === 0) throw new Error('a page is of another kind');
  const count = page.readUInt16LE(10);
  const entries: Entry[] = [];
  const part = (from: number, length: number): Buffer => {
    if (from + length > page.length) throw new Error('an element goes beyond its page');
    return page.subarray(from, from + length);
  };
  for (let index = 0; index < count; index++) {
    const at = PAGE_HEADER + index * ELEMENT;
    const element = part(at, ELEMENT);
    if (isBranch(page)) {
      const key = part(at + element.readUInt32LE(0), element.readUInt32LE(4));
      entries.push({ key, child: element.readBigUInt64LE(8) });
    } else {
      const [flags, position, keyLength, valueLength] = [0, 4, 8, 12].map((field) =>
        element.readUInt32LE(field),
      );
      const key = part(at + position!, keyLength!);
      const value = part(at + position! + keyLength!, valueLength!);
      entries.push({ key, value, isBucket: (flags! & IS_BUCKET) !== 0 });
    }
  }
  return entries;
}

/** Of the two that take turns, the newer one that is whole. */
async function readMeta(handle: FileHandle): Promise<Meta> {
  const first = parseMeta(await readAt(handle, PAGE_HEADER, META_BYTES + 8).catch(() => Buffer.alloc(0)));
  // Without the first one nothing says where the second one is: at the sizes of pages that there are.
  const sizes = first ? [first.pageSize] : [4096, 16_384, 65_536, 8192, 32_768];
  for (const size of sizes) {
    const bytes = await readAt(handle, size + PAGE_HEADER, META_BYTES + 8).catch(() => Buffer.alloc(0));
    const second = parseMeta(bytes);
    if (first && second) return first.generation > second.generation ? first : second;
    if (first ?? second) return (first ?? second)!;
  }
  throw new Error('it is not a bbolt database');
}

function parseMeta(bytes: Buffer): Meta | undefined {
  if (bytes.length < META_BYTES + 8 || bytes.readUInt32LE(0) !== MAGIC || bytes.readUInt32LE(4) !== VERSION)
    return undefined;
  if (bytes.readBigUInt64LE(META_BYTES) !== fnv1a(bytes.subarray(0, META_BYTES))) return undefined;
  const pageSize = bytes.readUInt32LE(8);
  if (pageSize < 512 || pageSize > 1024 ** 2) return undefined;
  return { pageSize, root: bytes.readBigUInt64LE(16), generation: bytes.readBigUInt64LE(48) };
}

function fnv1a(bytes: Buffer): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash;
}

async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await handle.read(buffer, 0, length, position);
  if (bytesRead < length) throw new Error('it is cut off');
  return buffer;
}
