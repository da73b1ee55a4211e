/** Opens a layer that is a local file, or a part of one: `file:///path?offset=N&length=M`. */
import { closeSync, openSync, readSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { AppError, messageOf } from '../../errors.ts';
import type { OpenLayer } from './open-http-layer.ts';

const PIECE = 256 * 1024;

/** Throws `layer-unavailable` if the file is not there, or shorter than the URI says. */
export function openFileLayer(uri: string): OpenLayer {
  const url = new URL(uri);
  const offset = positionOf(url, 'offset') ?? 0;
  const length = positionOf(url, 'length') ?? Number.POSITIVE_INFINITY;
  let fd: number;
  try {
    fd = openSync(fileURLToPath(`file://${url.host}${url.pathname}`), 'r');
  } catch (error) {
    throw unavailable(uri, messageOf(error), error);
  }
  let open = true;
  return {
    contentType: '',
    pieces: readPart(fd, uri, offset, length),
    async [Symbol.asyncDispose]() {
      if (open) closeSync(fd);
      open = false;
    },
  };
}

// Read synchronously into one buffer: this is a worker thread with nothing else to do.
async function* readPart(fd: number, uri: string, offset: number, length: number): AsyncGenerator<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(PIECE);
  let at = 0;
  while (at < length) {
    let count: number;
    try {
      count = readSync(fd, buffer, 0, Math.min(PIECE, length - at), offset + at);
    } catch (error) {
      throw unavailable(uri, messageOf(error), error);
    }
    if (count === 0) {
      if (length === Number.POSITIVE_INFINITY) return;
      throw unavailable(uri, `file ends ${length - at} bytes early`);
    }
    at += count;
    yield buffer.subarray(0, count);
  }
}

function positionOf(url: URL, name: string): number | undefined {
  const text = url.searchParams.get(name);
  if (text === null) return undefined;
  const number = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number)) {
    throw unavailable(url.href, `${name} must be a number of bytes`);
  }
  return number;
}

function unavailable(uri: string, reason: string, cause?: unknown): AppError {
  return new AppError('layer-unavailable', `fetcher: cannot read ${JSON.stringify(uri)}: ${reason}`, {
    cause,
  });
}
