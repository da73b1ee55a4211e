/** Writes JSON into bytes, each piece at once: nothing of it is garbage that waits for the end. */

export interface JsonWriter {
  open(): void;
  /** Of the next member of the object that is open. */
  key(key: string | number): void;
  close(): void;
  /** JSON text: a value, or a part of one. */
  text(json: string): void;
  /** The same in UTF-8. */
  bytes(json: Buffer): void;
}

/** More is given back after use. */
const KEPT_BYTES = 8 * 1024 * 1024;
/** What a writer has after its end: writing on would be into the next one's text. */
const NOTHING = Buffer.alloc(0);
/** Where it is written, once for all: memory that is new each time costs more than the copy at the end. */
let shared: Buffer | undefined = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * Returns all that `write` writes. A call within a call has a buffer of its own.
 * Throws if the writer is used after `write` has returned.
 */
export function writeJson(write: (out: JsonWriter) => void): Buffer {
  let desk = shared ?? Buffer.allocUnsafeSlow(64 * 1024);
  shared = undefined;
  let end = 0;
  let before = '';
  const makeRoom = (more: number): void => {
    if (end + more <= desk.length) return;
    if (desk === NOTHING) throw new Error('the JSON is written already');
    const bigger = Buffer.allocUnsafeSlow(Math.max(2 * desk.length, end + more));
    desk.copy(bigger, 0, 0, end);
    desk = bigger;
  };
  const text = (json: string): void => {
    makeRoom(3 * json.length);
    end += desk.write(json, end);
  };
  try {
    write({
      open() {
        text('{');
        before = '';
      },
      key(key) {
        text(`${before}${JSON.stringify(String(key))}:`);
        before = ',';
      },
      close() {
        text('}');
        before = ',';
      },
      text,
      bytes(json) {
        makeRoom(json.length);
        desk.set(json, end);
        end += json.length;
      },
    });
    const written = Buffer.allocUnsafeSlow(end);
    desk.copy(written, 0, 0, end);
    return written;
  } finally {
    shared = desk.length > KEPT_BYTES ? Buffer.allocUnsafeSlow(KEPT_BYTES) : desk;
    desk = NOTHING;
    end = 0;
  }
}
