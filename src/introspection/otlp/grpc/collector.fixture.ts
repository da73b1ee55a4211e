/** A collector for tests: speaks gRPC over HTTP/2, and reads protobuf without a table. */
import { once } from 'node:events';
import {
  createSecureServer,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type SecureServerOptions,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** By field number: all values of it; a number for varints, bytes for the rest. */
export type Decoded = Map<number, (number | bigint | Buffer)[]>;

export interface ReceivedCall {
  readonly headers: IncomingHttpHeaders;
  readonly message: Buffer;
}

export interface Collector extends AsyncDisposable {
  readonly port: number;
  readonly received: ReceivedCall[];
  readonly sessions: Set<ServerHttp2Session>;
  /** How many there have been. */
  readonly connections: () => number;
}

/** How a call is answered; the default is OK. */
export type CallHandler = (stream: ServerHttp2Stream, call: number) => void;

export async function startCollector(
  answer: CallHandler = status(0),
  tls?: SecureServerOptions,
  port = 0,
): Promise<Collector> {
  const received: ReceivedCall[] = [];
  const sessions = new Set<ServerHttp2Session>();
  let connections = 0;
  const server: Http2Server = tls ? createSecureServer(tls) : createServer();
  server.on('session', (session) => {
    connections++;
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
  });
  server.on('stream', (stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on('error', () => {}); // clients go away
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      received.push({ headers, message: unframed(Buffer.concat(chunks)) });
      answer(stream, received.length);
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    received,
    sessions,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      for (const session of sessions) session.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Answers with an empty message and trailers; at once with trailers alone if it is not OK. */
export function status(code: number, message = ''): CallHandler {
  const trailers = { 'grpc-status': String(code), 'grpc-message': message };
  return (stream) => {
    if (code !== 0) {
      stream.respond(
        { ':status': 200, 'content-type': 'application/grpc', ...trailers },
        { endStream: true },
      );
      return;
    }
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers(trailers));
    stream.end(Buffer.alloc(5));
  };
}

function unframed(body: Buffer): Buffer {
  const message = body.subarray(5);
  if (message.length !== body.readUInt32BE(1)) throw new Error('the prefix says another length');
  return body[0] === 1 ? gunzipSync(message) : message;
}

export function decode(bytes: Buffer): Decoded {
  const fields: Decoded = new Map();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes.readUInt8(at++);
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    let value: bigint | Buffer;
    if (tag % 8 === 0) value = varint();
    else if (tag % 8 === 1) value = bytes.subarray(at, (at += 8));
    else if (tag % 8 === 2) {
      const length = Number(varint());
      if (at + length > bytes.length) throw new Error('cut off');
      value = bytes.subarray(at, (at += length));
    } else throw new Error(`wire type ${tag % 8}`);
    const number = tag >> 3;
    fields.set(number, [...(fields.get(number) ?? []), value]);
  }
  return fields;
}

/** The messages at `path` of field numbers below `bytes`. */
export function messagesAt(bytes: Buffer, ...path: number[]): Buffer[] {
  const [number, ...rest] = path;
  if (number === undefined) return [bytes];
  return (decode(bytes).get(number) ?? []).flatMap((each) => messagesAt(each as Buffer, ...rest));
}
