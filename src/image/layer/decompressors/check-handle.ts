/** Tells whether the handle of Node's zlib streams does what `HandleDecompressor` needs of it. */
import { AppError } from '../../../errors.ts';
import type { Packed } from './decompressor.ts';
import { HandleDecompressor, type Inside, openInside } from './handle.ts';

/** What `KNOWN` decompresses to. */
const CONTENT = 'known bytes';

/** Two members of gzip, two frames of zstd with checksums: `known `, and `bytes`. */
const KNOWN: Readonly<Record<Packed, Buffer>> = {
  gzip: Buffer.from(
    '1f8b0800000000000003cbcecb2fcf53000077681807060000001f8b08000000000000034baa2c492d0600ce4399b105000000',
    'hex',
  ),
  zstd: Buffer.from('28b52ffd24063100006b6e6f776e20b11fdcc728b52ffd24052900006279746573c4946750', 'hex'),
};

/** Calls that a stream of this size may need; a handle that takes more makes no progress. */
const MOST_CALLS = 1000;

/**
 * Whether a handle of `open` gives the known bytes, whole and byte by byte, tells how far it came, and tells of an end
 * that is missing, of damage, and of bytes behind the end. A handle with other habits is not used; nothing is thrown.
 */
export function handleWorks(kind: Packed, open: (kind: Packed) => Inside = openInside): boolean {
  const known = KNOWN[kind];
  const damaged = Buffer.from(known);
  damaged[known.length - 10]! ^= 0xff;
  try {
    return (
      decompress(kind, open, known, known.length) === CONTENT &&
      decompress(kind, open, known, 1) === CONTENT &&
      [known.subarray(0, -1), damaged, Buffer.concat([known, Buffer.from('behind it')])].every((bad) =>
        refuses(kind, open, bad),
      )
    );
  } catch {
    return false;
  }
}

function decompress(kind: Packed, open: (kind: Packed) => Inside, packed: Buffer, step: number): string {
  let content = '';
  using decompressor = new HandleDecompressor(
    kind,
    (piece) => {
      content += piece.toString('latin1');
      if (content.length > CONTENT.length) throw new RangeError('more than there is');
    },
    counted(open(kind)),
  );
  for (let at = 0; at < packed.length; at += step) decompressor.write(packed.subarray(at, at + step));
  decompressor.end();
  return content;
}

function refuses(kind: Packed, open: (kind: Packed) => Inside, bad: Buffer): boolean {
  try {
    decompress(kind, open, bad, bad.length);
    return false;
  } catch (error) {
    if (error instanceof AppError) return true;
    throw error;
  }
}

/** `inside` whose calls are counted, and whose answers must be possible ones. */
function counted(inside: Inside): Inside {
  const handle = inside._handle;
  let calls = 0;
  return {
    _writeState: inside._writeState,
    close: () => inside.close(),
    _handle: {
      set onerror(listener: Inside['_handle']['onerror']) {
        handle.onerror = listener;
      },
      writeSync(flush, input, at, length, output, outAt, outLength) {
        if (++calls > MOST_CALLS) throw new RangeError('no progress');
        handle.writeSync(flush, input, at, length, output, outAt, outLength);
        const [outLeft, inLeft] = inside._writeState;
        if (!(outLeft! <= outLength && inLeft! <= length)) throw new RangeError('impossible progress');
      },
    },
  };
}
