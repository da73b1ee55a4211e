/**
 * Serves the recordings on loopback, as every upstream and as the blob store of the images: ETag and Last-Modified with
 * 304, HEAD, one Range, folder listings, `.bz2` by negotiation, and `X.ctype` as the Content-Type of `X`.
 */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, readFileSync, type Stats, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, extname, join, relative, resolve, sep } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.gz': 'application/gzip',
  '.bz2': 'application/x-bzip2',
  '.zst': 'application/zstd',
  '.zip': 'application/zip',
  '.json': 'application/json',
  '.xml': 'application/xml',
  '.txt': 'text/plain; charset=utf-8',
  '.list': 'text/plain',
  '.html': 'text/html',
  '.csv': 'text/csv',
  '.meta': 'text/plain',
  '.tar': 'application/x-tar',
};

/** Seconds: more than is between the times of two folders. */
const LATER = 1_000_000;

/** The server's address, e.g. `http://127.0.0.1:45678`, until disposed. */
export interface CorpusServer extends AsyncDisposable {
  readonly address: string;
  /**
   * From now on the files of this folder of the corpus stand before those of `feeds`: another day. They are newer than
   * those of the folder before, whatever their own times are: upstreams do not turn back the clock.
   */
  overlay(folder: string): void;
}

/** Serves `corpus` on a free port. */
export async function serveCorpus(corpus: string): Promise<CorpusServer> {
  const root = resolve(corpus);
  /** The folder of today's files, then the one of all. */
  let days = [dayOf('feeds')];
  let shift = 0;
  const etags = new Map<string, string>();
  const server = createServer((request, response) => {
    try {
      answer(request, response);
    } catch (error) {
      response.writeHead(500, { 'content-type': 'text/plain' }).end(`${error}\n`);
    }
  });

  function dayOf(name: string): { folder: string; times: Map<string, number> } {
    const folder = join(root, name);
    return { folder, times: readTimes(join(folder, 'MTIMES.json')) };
  }

  function answer(request: IncomingMessage, response: ServerResponse): ServerResponse {
    const url = new URL(request.url ?? '/', 'http://corpus');
    const path = decodeURIComponent(url.pathname);
    const day = days.find(({ folder }) => isFile(join(folder, path))) ?? days.at(-1)!;
    const base = path.startsWith('/images/') ? root : day.folder;
    let file = join(base, path);
    if (!file.startsWith(root + sep)) return text(response, 403, 'forbidden\n');
    const withQuery = `${file}@${url.search.slice(1).replaceAll('/', '_')}`;
    if (url.search !== '' && isFile(withQuery)) file = withQuery;
    const headers: Record<string, string> = { 'accept-ranges': 'bytes' };
    if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) {
      if (!path.endsWith('/')) return response.writeHead(301, { location: `${url.pathname}/` }).end();
      file = join(file, 'index.html');
      if (!isFile(file)) return listing(response, join(base, path));
    }
    if (!isFile(file) && isFile(`${file}.bz2`)) {
      file += '.bz2';
      headers['content-location'] = basename(file);
    }
    const stat = statSync(file, { throwIfNoEntry: false });
    if (!stat?.isFile()) return text(response, 404, 'not found\n');
    const own = day.times.get(relative(day.folder, file)) ?? Math.floor(stat.mtimeMs / 1000);
    const modified = day.folder === days.at(-1)!.folder ? own : own + shift;
    headers.etag = etagOf(file, stat);
    headers['last-modified'] = new Date(modified * 1000).toUTCString();
    const type = typeOf(file);
    if (type !== undefined) headers['content-type'] = type;
    if (isFresh(request, headers.etag, modified)) return response.writeHead(304, headers).end();
    return send(request, response, { file, size: stat.size, headers });
  }

  function etagOf(file: string, stat: Stats): string {
    const key = `${file} ${stat.mtimeMs} ${stat.size}`;
    const known = etags.get(key);
    if (known !== undefined) return known;
    const etag = `"${createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 32)}"`;
    etags.set(key, etag);
    return etag;
  }

  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}`,
    overlay(folder) {
      if (days[0]!.folder !== join(root, folder)) shift += LATER;
      days = [dayOf(folder), dayOf('feeds')];
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

/** A checkout does not keep the times that Last-Modified must show. */
function readTimes(file: string): Map<string, number> {
  return new Map(existsSync(file) ? Object.entries(JSON.parse(readFileSync(file, 'utf8'))) : []);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function typeOf(file: string): string | undefined {
  if (isFile(`${file}.ctype`)) {
    const type = readFileSync(`${file}.ctype`, 'utf8').trim();
    return type === '-' ? undefined : type;
  }
  return file.includes(`${sep}layers${sep}`)
    ? 'application/octet-stream'
    : (TYPES[extname(file)] ?? 'application/octet-stream');
}

function isFresh(request: IncomingMessage, etag: string, modified: number): boolean {
  const match = request.headers['if-none-match'];
  if (match !== undefined) return match === etag || match === '*';
  const since = Date.parse(request.headers['if-modified-since'] ?? '');
  return since / 1000 >= modified; // false where it is no date
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  { file, size, headers }: { file: string; size: number; headers: Record<string, string> },
): ServerResponse {
  const range = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '');
  let first = 0;
  let last = size - 1;
  if (range !== null && size > 0) {
    first = Number(range[1] || 0);
    last = Math.min(range[2] ? Number(range[2]) : last, last);
    headers['content-range'] = `bytes ${first}-${last}/${size}`;
  }
  headers['content-length'] = String(Math.max(0, last - first + 1));
  response.writeHead(headers['content-range'] === undefined ? 200 : 206, headers);
  if (request.method === 'HEAD' || last < first) return response.end();
  return createReadStream(file, { start: first, end: last })
    .on('error', () => response.destroy())
    .pipe(response);
}

function text(response: ServerResponse, status: number, body: string): ServerResponse {
  return response.writeHead(status, { 'content-type': 'text/plain' }).end(body);
}

function listing(response: ServerResponse, folder: string): ServerResponse {
  const names = readdirSync(folder, { withFileTypes: true })
    .map((entry) => entry.name + (entry.isDirectory() ? '/' : ''))
    .sort();
  const links = ['../', ...names].map((name) => {
    const safe = name.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
    return `<a href="${safe}">${safe}</a>\n`;
  });
  return response
    .writeHead(200, { 'content-type': 'text/html' })
    .end(`<html><body><pre>${links.join('')}</pre></body></html>`);
}
