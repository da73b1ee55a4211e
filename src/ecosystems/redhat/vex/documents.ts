/** Red Hat's VEX documents, kept on disk until they are read: single ones that changed, and the archive of all. */
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import type { FeedContext } from '../../../contract/feed.ts';
import { AppError, messageOf } from '../../../errors.ts';
import { inFolder } from '../../../feeds/in-folder.ts';
import { unpacked } from '../../../feeds/keep-body.ts';
import { tarMembers } from '../../../formats/archives/tar-members.ts';
import type { HttpResponse } from '../../../lib/http-response.ts';
import { isDocument } from './lists.ts';

/** Bytes of a document; the biggest of 2026 has 20 MB. */
const MAX_DOCUMENT = 64 * 1024 * 1024;
const AT_ONCE = 4;

/** A document as it was published. */
export interface RawDocument {
  readonly path: string;
  readonly json: string;
}

export interface KeptDocuments {
  /** In no order. */
  readonly documents: () => AsyncGenerator<RawDocument>;
  /** What could not be had: to be asked for again. */
  readonly failed: readonly string[];
}

/** Fetches single documents. One that cannot be had is a problem. */
export async function keepDocuments(
  context: FeedContext,
  folder: string,
  paths: readonly string[],
): Promise<KeptDocuments> {
  const failed: string[] = [];
  const queue = [...paths];
  async function* lines(): AsyncGenerator<string> {
    const running = new Set<Promise<RawDocument | undefined>>();
    const ready: RawDocument[] = [];
    while (queue.length > 0 || running.size > 0) {
      while (running.size < AT_ONCE && queue.length > 0) {
        const path = queue.pop()!;
        const task = fetchDocument(context, folder, path).catch((error: unknown) => {
          context.signal.throwIfAborted();
          context.problem({ where: path, reason: messageOf(error) });
          failed.push(path);
          return undefined;
        });
        const done = task.then((document) => {
          running.delete(task);
          if (document !== undefined) ready.push(document);
        });
        running.add(task);
        done.catch(() => {}); // `Promise.race` tells
      }
      await Promise.race(running);
      for (const document of ready.splice(0))
        yield `${document.path}\n${document.json.replaceAll(/[\r\n]+/g, ' ')}\n`;
    }
  }
  if (paths.length === 0) return { documents: async function* () {}, failed };
  const file = await context.spool(Readable.from(lines()));
  return { documents: () => readLines(file), failed };
}

async function fetchDocument(context: FeedContext, folder: string, path: string): Promise<RawDocument> {
  const response = await context.request(inFolder(folder, path));
  if (response.status !== 200) {
    await response.discard();
    throw new AppError('feed', `${response.url} returned status ${response.status}`);
  }
  return { path, json: await response.text(MAX_DOCUMENT) };
}

/** A line of path, then one of JSON: breaks within a JSON text stand between its tokens only. */
async function* readLines(file: string): AsyncGenerator<RawDocument> {
  let path: string | undefined;
  let parts: Buffer[] = [];
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      const line = Buffer.concat([...parts, chunk.subarray(start, end)]).toString();
      parts = [];
      start = end + 1;
      if (path === undefined) path = line;
      else {
        yield { path, json: line };
        path = undefined;
      }
    }
    parts.push(chunk.subarray(start));
  }
}

export interface KeptArchive {
  /** When it was published, by the server (ms). */
  readonly published: number;
  readonly documents: (skip: (path: string) => boolean) => AsyncGenerator<RawDocument>;
}

/** Downloads the newest archive. Throws `feed` if it cannot be had, or does not say when it is from. */
export async function keepArchive(
  context: FeedContext,
  folder: string,
  timeout: number | undefined,
): Promise<KeptArchive> {
  const latest = await request(context, inFolder(folder, 'archive_latest.txt'));
  const name = (await latest.text(1024)).trim();
  if (!/^[\w.-]{1,200}$/.test(name)) throw new AppError('feed', `${latest.url} does not name an archive`);
  const response = await request(context, inFolder(folder, name));
  const published =
    Date.parse(response.header('last-modified')) || Date.parse(/\d{4}-\d\d-\d\d/.exec(name)?.[0] ?? '');
  if (Number.isNaN(published)) {
    await response.discard();
    throw new AppError('feed', `${response.url} does not say when it is from`);
  }
  const file = await spoolWithin(context, response, timeout);
  return {
    published,
    async *documents(skip) {
      const tooBig = (path: string): void =>
        context.problem({ where: path, reason: `over ${MAX_DOCUMENT} bytes` });
      const wanted = (path: string): boolean => isDocument(clean(path)) && !skip(clean(path));
      const stream = createReadStream(file, { highWaterMark: 1024 * 1024 });
      const members = tarMembers(unpacked(stream, 'rhel-vex'), wanted, { member: MAX_DOCUMENT, tooBig });
      for await (const { path, text } of members) yield { path: clean(path), json: text };
    },
  };
}

function clean(path: string): string {
  return path.replace(/^(?:\.\/)+/, '');
}

async function request(context: FeedContext, url: string): Promise<HttpResponse> {
  const response = await context.request(url);
  if (response.status === 200) return response;
  await response.discard();
  throw new AppError('feed', `${url} returned status ${response.status}`);
}

async function spoolWithin(
  context: FeedContext,
  { url, body }: HttpResponse,
  timeout: number | undefined,
): Promise<string> {
  const timer =
    timeout === undefined
      ? undefined
      : setTimeout(() => {
          body.destroy(
            new AppError('feed', `${url} takes longer than compressed_file_timeout (${timeout} ms)`),
          );
        }, timeout);
  try {
    return await context.spool(body);
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('feed', `${url} could not be read: ${messageOf(error)}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
