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
/** Where it is written, once for all: memory that is new each time costs more than the copy at the end. */
let desk = Buffer.allocUnsafeSlow(64 * 1024);

/** All that `write` writes. It must not call this itself. */
export function writeJson(write: (out: JsonWriter) => void): Buffer {
  let end = 0;
  let before = '';
  const makeRoom = (more: number): void => {
    if (end + more <= desk.length) return;
    const bigger = Buffer.allocUnsafeSlow(Math.max(2 * desk.length, end + more));
    desk.copy(bigger, 0, 0, end);
    desk = bigger;
  };
  const text = (json: string): void => {
    makeRoom(3 * json.length);
    end += desk.write(json, end);
  };
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
  if (desk.length > KEPT_BYTES) desk = Buffer.allocUnsafeSlow(KEPT_BYTES);
  return written;
}
