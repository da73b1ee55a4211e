/**
 * Which paths a layer has, kept small: six bytes for each, so that it can be told of a stored layer what it puts in place
 * of files of the layers below. Nothing is listed from it; a path is asked for.
 */

const MAX_DIGESTS = 1_000_000;
const BYTES = 6;

/** The paths of one layer while it is read. */
export class PathDigests {
  #digests = new Float64Array(1024);
  #count = 0;
  #folder: string | undefined;
  #start: State = START;

  /** An entry at `base` in `folder` ('' is the root). */
  add(folder: string, base: string, isDirectory: boolean): void {
    // A layer with more paths is told to have fewer: what lies below them stays in the report.
    if (this.#count >= MAX_DIGESTS) return;
    if (folder !== this.#folder) {
      this.#folder = folder;
      this.#start = folder === '' ? START : more(START, `${folder}/`);
    }
    if (this.#count === this.#digests.length) {
      const grown = new Float64Array(2 * this.#count);
      grown.set(this.#digests);
      this.#digests = grown;
    }
    this.#digests[this.#count++] = finished(more(this.#start, isDirectory ? `${base}/` : base));
  }

  /** All of them as text, to be stored. */
  toText(): string {
    const sorted = this.#digests.subarray(0, this.#count).sort();
    const bytes = Buffer.allocUnsafe(BYTES * sorted.length);
    let at = 0;
    for (let index = 0; index < sorted.length; index++) {
      const digest = sorted[index]!;
      // Byte by byte: `writeUInt32BE` costs more, and there is one for every file.
      const high = Math.floor(digest / 0x1_0000_0000);
      const low = digest >>> 0;
      bytes[at++] = high >>> 8;
      bytes[at++] = high;
      bytes[at++] = low >>> 24;
      bytes[at++] = low >>> 16;
      bytes[at++] = low >>> 8;
      bytes[at++] = low;
    }
    return bytes.toString('base64');
  }
}

/** Reads what `toText` gave: whether the layer has that path, by the digest of it. */
export function readPathDigests(text: string): (digest: number) => boolean {
  const bytes = Buffer.from(text, 'base64');
  const count = Math.floor(bytes.length / BYTES);
  return (digest) => {
    let [low, high] = [0, count];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (bytes.readUIntBE(middle * BYTES, BYTES) < digest) low = middle + 1;
      else high = middle;
    }
    return low < count && bytes.readUIntBE(low * BYTES, BYTES) === digest;
  };
}

/** All digests in what `toText` gave. */
export function* pathDigests(text: string): Generator<number> {
  const bytes = Buffer.from(text, 'base64');
  for (let at = 0; at + BYTES <= bytes.length; at += BYTES) yield bytes.readUIntBE(at, BYTES);
}

/** The digest of a path; that of a directory ends in `/`. */
export function pathDigest(path: string): number {
  return finished(more(START, path));
}

/** Two hashes at once: one of 32 bits is too likely to be met by chance. */
interface State {
  readonly a: number;
  readonly b: number;
}

const START: State = { a: 0x811c9dc5 | 0, b: 0x9747b28c | 0 };

// FNV-1a for one half, the mixing of MurmurHash3 for the other.
function more({ a, b }: State, text: string): State {
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    a = Math.imul(a ^ unit, 0x01000193);
    b = (Math.imul((b << 13) | (b >>> 19), 5) + Math.imul(unit + 0x7f4a7c15, 0xcc9e2d51)) | 0;
  }
  return { a, b };
}

/** 48 bits: a number that is exact, and short enough to be kept for every file. */
function finished({ a, b }: State): number {
  const mixed = Math.imul(b ^ (b >>> 15), 0x85ebca6b);
  return (a >>> 0) * 0x1_0000 + ((mixed ^ (mixed >>> 16)) & 0xffff);
}
