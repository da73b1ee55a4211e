/** Where a command reads from: a file, a URL, or stdin; packed or not. */
import { createReadStream, createWriteStream, ReadStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { AppError, messageOf } from '../../errors.ts';
import { unpacked } from '../../feeds/keep-body.ts';
import { spoolDir } from './spool-dir.ts';

/** How the user says that the input is packed; undefined: it is seen in its first bytes. */
export type Packing = 'gzip' | 'zstd' | undefined;

export interface InputSource extends AsyncDisposable {
  /** Of `openInput` unpacked; throws `feed` if it is broken, or not packed as was said. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** `-` is stdin; a file that is there goes before a URL, as in Clair. Throws `bad-target`. */
export async function openInput(name: string, packing: Packing, signal: AbortSignal): Promise<InputSource> {
  await using resources = new AsyncDisposableStack();
  const source = await rawInput(name, signal, resources);
  const raw =
    source instanceof ReadStream && (await isFile(name)) ? source : await kept(source, signal, resources);
  const owned = resources.move();
  return {
    chunks: unpacked(packing === undefined ? raw : checked(raw, packing, name), name),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function isFile(name: string): Promise<boolean> {
  return (await stat(name)).isFile();
}

/** What comes from a pipe or the network is on disk first: it is read in transactions, which must not wait for it. */
async function kept(
  chunks: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
  resources: AsyncDisposableStack,
): Promise<AsyncIterable<Uint8Array>> {
  const folder = await mkdtemp(join(spoolDir(), 'clair-input-'));
  resources.defer(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'input');
  await pipeline(chunks, createWriteStream(path, { mode: 0o600 }), { signal });
  const file = createReadStream(path, { highWaterMark: 256 * 1024, signal });
  resources.defer(() => void file.destroy());
  return file;
}

/** The same, as it is: still packed if it is packed. */
export async function openRawInput(name: string, signal: AbortSignal): Promise<InputSource> {
  await using resources = new AsyncDisposableStack();
  const chunks = await rawInput(name, signal, resources);
  const owned = resources.move();
  return { chunks, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function rawInput(
  name: string,
  signal: AbortSignal,
  resources: AsyncDisposableStack,
): Promise<AsyncIterable<Uint8Array>> {
  if (name === '-') return process.stdin;
  const isUrl = /^https?:\/\//i.test(name);
  const found = await stat(name).catch((error: unknown) => error as Error);
  if (!(found instanceof Error)) {
    if (found.isDirectory()) throw new AppError('bad-target', `cannot read ${name}: it is a directory`);
    const file = createReadStream(name, { highWaterMark: 256 * 1024, signal });
    resources.defer(() => void file.destroy());
    return file;
  }
  if (!isUrl) throw new AppError('bad-target', `cannot read ${name}: ${messageOf(found)}`, { cause: found });
  const { createHttpClient } = await import('../../lib/http-client.ts');
  const http = resources.use(createHttpClient({ bodyLimit: 64 * 1024 ** 3 }));
  const response = await http.request(name, {}, signal);
  resources.defer(() => void response.body.destroy());
  if (response.status !== 200)
    throw new AppError('bad-target', `cannot read ${name}: it returned status ${response.status}`);
  return response.body;
}

const MAGIC = { gzip: '\x1f\x8b', zstd: '\x28\xb5\x2f\xfd' };

async function* checked(
  chunks: AsyncIterable<Uint8Array>,
  packing: 'gzip' | 'zstd',
  name: string,
): AsyncGenerator<Uint8Array> {
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of chunks) {
    if (head === undefined) {
      yield chunk;
      continue;
    }
    head = Buffer.concat([head, chunk]);
    if (head.length < 4) continue;
    if (!head.toString('latin1', 0, 4).startsWith(MAGIC[packing]))
      throw new AppError('feed', `${name} is not compressed with ${packing}`);
    yield head;
    head = undefined;
  }
  if (head !== undefined) throw new AppError('feed', `${name} is not compressed with ${packing}`);
}
