/** What is not HTTP, or comes too slowly: one clean answer, then the connection is closed. */
import type { Socket } from 'node:net';

const TOO_LATE = { status: '408 Request Timeout', message: 'the request was not received in time' };
const TOO_LONG = {
  status: '431 Request Header Fields Too Large',
  message: 'the header fields are too large',
};
const MALFORMED = { status: '400 Bad Request', message: 'the request is not HTTP/1.1' };

const ANSWERS: Readonly<Record<string, typeof MALFORMED>> = {
  ERR_HTTP_REQUEST_TIMEOUT: TOO_LATE,
  HPE_HEADER_OVERFLOW: TOO_LONG,
};

/** For the server's `clientError`. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable || socket.destroyed) {
    socket.destroy();
    return;
  }
  // Within an answer that has begun, another one would be taken for a part of it.
  if (socket.bytesWritten > 0 && error.code !== 'ERR_HTTP_REQUEST_TIMEOUT' && isAnswering(socket)) {
    socket.destroy();
    return;
  }
  const { status, message } = ANSWERS[error.code ?? ''] ?? MALFORMED;
  const body = JSON.stringify({ code: 'bad-request', message });
  socket.end(
    [
      `HTTP/1.1 ${status}`,
      'Connection: close',
      'Content-Type: application/json',
      'X-Content-Type-Options: nosniff',
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
    () => socket.destroy(), // a client that does not close must not hold it
  );
}

function isAnswering(socket: Socket): boolean {
  const { _httpMessage } = socket as Socket & { _httpMessage?: { headersSent?: boolean } | null };
  return _httpMessage?.headersSent === true;
}
