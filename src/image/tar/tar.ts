/**
 * Reads a tar archive that is pushed in pieces of any size: ustar, PAX, GNU long names and sparse files.
 * Content is handed on as views of the pieces, and only to who asks for it; everything else is skipped by counting.
 */
import type { EntryType } from '../../contract/detector.ts';
import { AppError } from '../../errors.ts';
import type { TarContent } from './content.ts';
import { decodeName as decode } from './decode-name.ts';
import { BLOCK, badTar, isZeroBlock, readTarHeader, type TarHeader, untilNul } from './header.ts';
import { type PaxRecords, readPax } from './pax.ts';
import { isSound, LeadingMap, MAX_REGIONS, readOldMap, type SparseMap, withHoles } from './sparse.ts';

/** An entry as the archive has it: `name` and `link` are not cleaned. */
export interface TarEntry {
  readonly name: string;
  readonly type: EntryType;
  /** Bytes of content, holes included; 0 if it is no file. */
  readonly size: number;
  readonly mode: number;
  readonly link?: string;
}

/** Gives what takes the entry's content; undefined: skip it. */
export type OnEntry = (entry: TarEntry) => TarContent | undefined;

// As Go's archive/tar: no legitimate header record is bigger.
const MAX_META = 1024 * 1024;

const TYPES: Readonly<Record<string, EntryType>> = {
  '0': 'file',
  '7': 'file', // POSIX: contiguous file, to be taken as a regular one
  S: 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '3': 'other',
  '4': 'other',
  '5': 'directory',
  '6': 'other',
};

export class TarReader {
  readonly #onEntry: OnEntry;
  readonly #onHole: (bytes: number) => void;
  readonly #onExtended: (bytes: number) => void;
  #state: 'header' | 'extension' | 'map' | 'meta' | 'content' | 'padding' | 'last' | 'done' = 'header';
  /** Bytes of the archive before the piece at hand, and the place in that piece. */
  #base = 0;
  #at = 0;
  readonly #carry = Buffer.allocUnsafeSlow(BLOCK);
  #carried = 0;
  /** Bytes of content (or padding) to come. */
  #left = 0;
  #padding = 0;
  #content: TarContent | undefined;
  #meta: { readonly flag: string; readonly data: Buffer; filled: number } | undefined;
  // What the next entry gets from the records before it.
  #pax: PaxRecords | undefined;
  #longName: Buffer | undefined;
  #longLink: Buffer | undefined;
  /** A sparse entry whose map is not complete yet. */
  #sparse:
    | { header: TarHeader; name: string; size: number; map: SparseMap[]; leading?: LeadingMap }
    | undefined;

  /**
   * `onHole` counts the zeros that holes of sparse files are filled with, `onExtended` the bytes of each header beside the
   * block that every entry has: PAX records, long names, sparse maps.
   */
  constructor(
    onEntry: OnEntry,
    onHole: (bytes: number) => void = () => {},
    onExtended: (bytes: number) => void = () => {},
  ) {
    this.#onEntry = onEntry;
    this.#onHole = onHole;
    this.#onExtended = onExtended;
  }

  /** Throws `bad-layer` where the archive is none. */
  write(piece: Buffer): void {
    this.#at = 0;
    while (this.#at < piece.length && this.#state !== 'done') {
      switch (this.#state) {
        case 'content':
          this.#takeContent(piece);
          break;
        case 'padding':
          this.#skipPadding(piece);
          break;
        case 'meta':
          this.#takeMeta(piece);
          break;
        default:
          this.#takeBlock(piece);
      }
    }
    this.#base += piece.length;
  }

  /** The archive ends here. It may lack its last padding and its trailer, or some of it, but nothing else. */
  end(): void {
    // An archive cut in the padding of its last file has lost nothing.
    const complete =
      this.#state === 'done' ||
      this.#state === 'last' ||
      this.#state === 'header' ||
      this.#state === 'padding';
    const pending = this.#pax !== undefined || this.#longName !== undefined || this.#longLink !== undefined;
    if (this.#state === 'done') return;
    const isCut =
      this.#carried > 0 && !(this.#state === 'last' && isZeroBlock(this.#carry, 0, this.#carried));
    if (!complete || pending || isCut) {
      throw new AppError('bad-layer', `not a tar archive: unexpected EOF at ${this.#base}`);
    }
    this.#state = 'done';
  }

  #takeBlock(piece: Buffer): void {
    const have = piece.length - this.#at;
    if (this.#carried === 0 && have >= BLOCK) {
      this.#at += BLOCK;
      this.#block(piece, this.#at - BLOCK);
      return;
    }
    const take = Math.min(BLOCK - this.#carried, have);
    piece.copy(this.#carry, this.#carried, this.#at, this.#at + take);
    this.#carried += take;
    this.#at += take;
    if (this.#carried < BLOCK) return;
    this.#carried = 0;
    this.#block(this.#carry, 0);
  }

  /** Takes the block at `at` in `bytes`. */
  #block(bytes: Buffer, at: number): void {
    const offset = this.#base + this.#at - BLOCK;
    switch (this.#state) {
      case 'extension':
        this.#extension(bytes.subarray(at, at + BLOCK), offset);
        return;
      case 'map':
        this.#leadingMap(bytes.subarray(at, at + BLOCK), offset);
        return;
      case 'last':
        // What follows the two zero blocks is not looked at, as GNU tar does.
        // differs: a lone zero block ends nothing: no one could unpack that layer, and Clair leaves out what follows (clair-indexing.md#tar-archives)
        if (!isZeroBlock(bytes, at)) throw badTar(offset, 'data after a zero block');
        this.#state = 'done';
        return;
      default:
        if (isZeroBlock(bytes, at)) this.#state = 'last';
        else this.#header(readTarHeader(bytes, at, offset), bytes, at);
    }
  }

  /** `bytes` has the block at `at`. */
  #header(header: TarHeader, bytes: Buffer, at: number): void {
    const offset = this.#base + this.#at - BLOCK;
    switch (header.flag) {
      case 'x':
      case 'X': // Solaris tar's name for the same
      case 'L':
      case 'K':
        if (header.size > MAX_META)
          throw new AppError('layer-limit', `tar header of ${header.size} bytes at ${offset}`);
        this.#onExtended(header.size);
        this.#padding = paddingOf(header.size);
        this.#meta = { flag: header.flag, data: Buffer.allocUnsafe(header.size), filled: 0 };
        this.#state = 'meta';
        if (header.size === 0) this.#metaDone(offset);
        return;
      case 'g': // defaults for all that follows; unpackers of layers (Go's archive/tar) do not apply them
        this.#skip(header.size);
        return;
      default:
        this.#entry(header, bytes, at);
    }
  }

  #entry(header: TarHeader, bytes: Buffer, at: number): void {
    const pax = this.#pax;
    const overridden = this.#longName ?? pax?.sparse?.name ?? pax?.path;
    const name = overridden === undefined ? header.name : decode(overridden);
    const type = TYPES[header.flag];
    // Unknown kinds have content by their size (POSIX), and say nothing that a file system would show.
    if (type === undefined) {
      this.#clearRecords();
      this.#skip(pax?.size ?? header.size);
      return;
    }
    if (type !== 'file') {
      const { mode } = header;
      const isLink = type === 'symlink' || type === 'hardlink';
      this.#emit({ name, type, size: 0, mode, ...(isLink && { link: this.#linkOf(header) }) });
      // Whatever a link's or directory's size says, no content follows (Go's archive/tar, GNU tar).
      this.#state = 'header';
      return;
    }
    const stored = pax?.size ?? header.size;
    this.#left = stored;
    this.#padding = paddingOf(stored);
    const offset = this.#base + this.#at - BLOCK;
    if (header.flag === 'S') {
      const old = readOldMap(bytes.subarray(at, at + BLOCK), 'header');
      if (old === undefined) throw badTar(offset, 'unreadable sparse map');
      this.#sparse = { header, name, size: old.size, map: [old.map] };
      if (old.extended) this.#state = 'extension';
      else this.#sparseEntry(offset);
      return;
    }
    if (pax?.sparse !== undefined) {
      const { size, map } = pax.sparse;
      this.#sparse = { header, name, size, map: map ? [map] : [] };
      if (map !== undefined) {
        this.#sparseEntry(offset);
        return;
      }
      this.#sparse.leading = new LeadingMap();
      if (stored < BLOCK) throw badTar(offset, 'unreadable sparse map');
      this.#state = 'map';
      return;
    }
    // Tars before POSIX have no flag for directories but the slash.
    if (name.endsWith('/') && header.flag === '0') {
      this.#emit({ name, type: 'directory', size: 0, mode: header.mode });
      this.#skip(stored);
      return;
    }
    this.#content = this.#emit({ name, type: 'file', size: stored, mode: header.mode });
    this.#startContent();
  }

  #linkOf(header: TarHeader): string {
    const overridden = this.#longLink ?? this.#pax?.linkpath;
    return overridden === undefined ? header.link : decode(overridden);
  }

  #extension(block: Buffer, offset: number): void {
    const sparse = this.#sparse!;
    this.#onExtended(BLOCK);
    const more = readOldMap(block, 'extension');
    if (more === undefined || sparse.map.length * 21 > MAX_REGIONS)
      throw badTar(offset, 'unreadable sparse map');
    sparse.map.push(more.map);
    if (!more.extended) this.#sparseEntry(offset);
  }

  #leadingMap(block: Buffer, offset: number): void {
    const sparse = this.#sparse!;
    this.#onExtended(BLOCK);
    this.#left -= BLOCK;
    const map = sparse.leading!.take(block);
    if (map === 'bad' || (map === 'more' && this.#left < BLOCK))
      throw badTar(offset, 'unreadable sparse map');
    if (map === 'more') return;
    sparse.map.push(map);
    this.#sparseEntry(offset);
  }

  #sparseEntry(offset: number): void {
    const { header, name, size, map } = this.#sparse!;
    const regions = map.flat();
    if (!isSound(regions, size, this.#left)) throw badTar(offset, 'unreadable sparse map');
    this.#sparse = undefined;
    const content = this.#emit({ name, type: 'file', size, mode: header.mode });
    this.#content = content && withHoles(content, regions, size, this.#onHole);
    this.#startContent();
  }

  #emit(entry: TarEntry): TarContent | undefined {
    this.#clearRecords();
    return this.#onEntry(entry);
  }

  #clearRecords(): void {
    this.#pax = undefined;
    this.#longName = undefined;
    this.#longLink = undefined;
  }

  #startContent(): void {
    this.#state = 'content';
    if (this.#left === 0) this.#endContent();
  }

  #takeContent(piece: Buffer): void {
    const from = this.#at;
    const take = Math.min(this.#left, piece.length - from);
    this.#at += take;
    this.#left -= take;
    if (this.#content !== undefined && !this.#content.data(piece.subarray(from, from + take)))
      this.#content = undefined;
    if (this.#left === 0) this.#endContent();
  }

  #endContent(): void {
    const content = this.#content;
    this.#content = undefined;
    this.#startPadding();
    content?.end();
  }

  #startPadding(): void {
    this.#left = this.#padding;
    this.#state = this.#left === 0 ? 'header' : 'padding';
  }

  #skipPadding(piece: Buffer): void {
    const take = Math.min(this.#left, piece.length - this.#at);
    this.#at += take;
    this.#left -= take;
    if (this.#left === 0) this.#state = 'header';
  }

  #skip(size: number): void {
    this.#left = size;
    this.#padding = paddingOf(size);
    this.#content = undefined;
    this.#startContent();
  }

  #takeMeta(piece: Buffer): void {
    const meta = this.#meta!;
    const take = Math.min(meta.data.length - meta.filled, piece.length - this.#at);
    piece.copy(meta.data, meta.filled, this.#at, this.#at + take);
    meta.filled += take;
    this.#at += take;
    if (meta.filled === meta.data.length) this.#metaDone(this.#base + this.#at - meta.data.length);
  }

  #metaDone(offset: number): void {
    const { flag, data } = this.#meta!;
    this.#meta = undefined;
    if (flag === 'L') this.#longName = untilNul(data);
    else if (flag === 'K') this.#longLink = untilNul(data);
    else {
      this.#pax = readPax(data, MAX_REGIONS);
      if (this.#pax === undefined) throw badTar(offset, 'unreadable PAX records');
    }
    this.#startPadding();
  }
}

function paddingOf(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}
