/** Recorded requests with the answers of Clair, and sending them to our service. */
import { existsSync, readFileSync } from 'node:fs';
import { request as send } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { gunzipSync, inflateRawSync, inflateSync, zstdDecompressSync } from 'node:zlib';

export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly version: string;
}

/** One exchange; the names are those of the files. */
export interface Recorded {
  readonly name: string;
  readonly request: RecordedRequest;
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly complete: boolean;
  /** Parsed where it was JSON; absent where it was left out. */
  readonly body?: unknown;
}

/** An answer in the form in which two are compared. */
export interface Answer {
  readonly status: number;
  /** By lower-case name; the values of a repeated one in order. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly complete: boolean;
  /** JSON where it is JSON, else text; undefined: not known. */
  readonly body: unknown;
}

/** The exchanges of one folder; none if it is not there. */
export function readRecorded(corpus: string, folder: string): Recorded[] {
  const file = join(corpus, 'golden', folder, 'cases.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Recorded[]) : [];
}

/** The recorded answer. */
export function recordedAnswer({ status, headers, complete, body }: Recorded): Answer {
  const byName = new Map<string, string[]>();
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    byName.set(key, [...(byName.get(key) ?? []), value]);
  }
  const coding = byName.get('content-encoding')?.[0];
  const isBase64 = coding !== undefined && typeof body === 'string';
  // Long bodies were cut: then it does not decode, and is not known.
  const text = isBase64 ? decoded(Buffer.from(body, 'base64'), coding) : body;
  return { status, headers: byName, complete, body: typeof text === 'string' ? parsed(text) : text };
}

/** Sends it to `address`. */
export async function ask(address: string, request: RecordedRequest): Promise<Answer> {
  if (request.version !== 'HTTP/1.1') return await askRaw(address, request);
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  // Without it the content of a DELETE would have no end.
  const length = request.body === null ? {} : { 'content-length': Buffer.byteLength(request.body) };
  const headers = { ...request.headers, ...length };
  const client = send(address + request.path, { method: request.method, headers });
  client.on('error', reject);
  client.on('response', async (response) => {
    const pieces: Buffer[] = [];
    const headers = new Map<string, string[]>();
    for (const [name, values] of Object.entries(response.headersDistinct)) headers.set(name, values ?? []);
    try {
      for await (const piece of response) pieces.push(piece as Buffer);
    } catch {
      // seen by `complete`
    }
    const bytes = Buffer.concat(pieces);
    const text = decoded(bytes, headers.get('content-encoding')?.[0]) ?? '';
    resolve({ status: response.statusCode ?? 0, headers, complete: response.complete, body: parsed(text) });
  });
  client.end(request.body === null ? undefined : request.body);
  return await promise;
}

/** Another version of HTTP than Node's client speaks. */
async function askRaw(address: string, { method, path, version }: RecordedRequest): Promise<Answer> {
  const { hostname, port } = new URL(address);
  const socket = connect(Number(port), hostname);
  socket.write(`${method} ${path} ${version}\r\n\r\n`);
  let text = '';
  for await (const piece of socket.setEncoding('utf8')) text += piece;
  const [head = '', body = ''] = text.split('\r\n\r\n', 2);
  const [status = '', ...lines] = head.split('\r\n');
  const headers = new Map(
    lines.map((line) => [
      line.slice(0, line.indexOf(':')).toLowerCase(),
      [line.slice(line.indexOf(':') + 1).trim()],
    ]),
  );
  return { status: Number(status.split(' ')[1]), headers, complete: true, body: parsed(body) };
}

function decoded(bytes: Buffer, coding: string | undefined): string | undefined {
  try {
    if (bytes.length === 0 || coding === undefined) return bytes.toString('utf8');
    if (coding === 'gzip') return gunzipSync(bytes).toString('utf8');
    if (coding === 'zstd') return zstdDecompressSync(bytes).toString('utf8');
    // with zlib's frame, or without
    return (bytes[0] === 0x78 ? inflateSync(bytes) : inflateRawSync(bytes)).toString('utf8');
  } catch {
    return undefined;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
