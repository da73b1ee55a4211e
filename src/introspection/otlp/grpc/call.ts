/** One unary call of gRPC over a session of HTTP/2. */
import { type ClientHttp2Session, constants, type IncomingHttpHeaders } from 'node:http2';
import { messageOf } from '../../../errors.ts';
import { CallFailed, failureOf, failureOfHttp, failureOfReset } from './status.ts';

export interface Call {
  /** `/package.Service/Method` */
  readonly path: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** A message with its prefix. */
  readonly body: Buffer;
  readonly gzip: boolean;
  /** ms that the other side is told to have. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

/** Bytes of an answer, which is not looked at. */
const ANSWER = 64 * 1024;

/** gRPC over HTTP2, Length-Prefixed-Message: whether it is compressed, and how long it is. */
export function framed(message: Buffer, gzip: boolean): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = gzip ? 1 : 0;
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** Throws `CallFailed`, or the signal's reason. */
export function callUnary(session: ClientHttp2Session, call: Call): Promise<void> {
  const { path, headers, body, gzip, timeout, signal } = call;
  return new Promise((resolve, reject) => {
    const stream = session.request(
      {
        'user-agent': 'clair',
        ...headers,
        ':method': 'POST',
        ':path': path,
        'content-type': 'application/grpc',
        te: 'trailers',
        'grpc-timeout': `${Math.min(99_999_999, Math.max(1, Math.floor(timeout)))}m`, // at most 8 digits
        'grpc-accept-encoding': 'identity',
        ...(gzip && { 'grpc-encoding': 'gzip' }),
      },
      { signal },
    );
    let said: IncomingHttpHeaders = {};
    let received = 0;
    let broken: (Error & { readonly code?: string }) | undefined;
    // without a body the first headers are the trailers
    stream.on('response', (first) => void (said = { ...first }));
    stream.on('trailers', (last) => void (said = { ...said, ...last }));
    stream.on('data', ({ length }: Buffer) => {
      if ((received += length) > ANSWER) stream.destroy(new CallFailed('INTERNAL', 'the answer is too long'));
    });
    stream.on('error', (error) => {
      broken = error;
    });
    stream.on('close', () => {
      const failure = signal.aborted ? signal.reason : outcome();
      if (failure === undefined) resolve();
      else reject(failure);
    });
    stream.end(body);

    function outcome(): CallFailed | undefined {
      const code = said['grpc-status'];
      if (code !== undefined) return failureOf(String(code), String(said['grpc-message'] ?? ''));
      const status = Number(said[':status'] ?? 200);
      if (status !== 200) return failureOfHttp(status);
      if (broken instanceof CallFailed) return broken;
      if (broken !== undefined && broken.code !== 'ERR_HTTP2_STREAM_ERROR') {
        return new CallFailed('UNAVAILABLE', messageOf(broken));
      }
      if (session.closed || session.destroyed)
        return new CallFailed('UNAVAILABLE', 'the connection was lost');
      if (stream.rstCode !== constants.NGHTTP2_NO_ERROR) return failureOfReset(stream.rstCode);
      return new CallFailed('UNKNOWN', 'there is no grpc-status in the answer');
    }
  });
}
