/** How much of a layer is read, kept and waited for: layers come from whoever may submit a manifest. */
import { AppError } from '../../errors.ts';
import { Room } from './room.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

export interface LayerLimits {
  /** Bytes as received. */
  readonly compressedBytes: number;
  /** Bytes of the tar archive, holes of sparse files included where their content is looked at. */
  readonly uncompressedBytes: number;
  /** Bytes of tar for each byte received; only asked past `ratioFrom`, as a preallocated file of zeros is legitimate. */
  readonly ratio: number;
  readonly ratioFrom: number;
  /** Entries of the archive and directories that they imply; what is long or lies deep counts as several. */
  readonly entries: number;
  /** UTF-8 bytes of one path or link target. Linux takes no path over 4096. */
  readonly pathBytes: number;
  /** Biggest file that is kept for detectors. */
  readonly fileBytes: number;
  /** Files that are kept for detectors. */
  readonly files: number;
  /** Bytes that detectors read of them at once, and in all. */
  readonly wholeBytes: number;
  readonly readBytes: number;
  /** What detectors may find, all together. */
  readonly detections: number;
  /** Kept files up to this size are held in memory, others on disk. */
  readonly memoryFileBytes: number;
  /** Memory for all kept files of a layer; what comes after is held on disk. */
  readonly memoryBytes: number;
  /** Disk for all kept files of a layer. */
  readonly spillBytes: number;
  /** Biggest file that is buffered for `inspect`. */
  readonly inspectBytes: number;
  /** Files up to this size are inspected in memory, others on disk. */
  readonly inspectMemoryBytes: number;
  /** Milliseconds from the request to the last detection. */
  readonly time: number;
}

export const DEFAULT_LIMITS: LayerLimits = {
  compressedBytes: 32 * GIB,
  uncompressedBytes: 64 * GIB,
  ratio: 200,
  ratioFrom: 4 * GIB,
  entries: 2_000_000,
  pathBytes: 4096,
  fileBytes: 512 * MIB,
  files: 100_000,
  wholeBytes: 64 * MIB,
  readBytes: 512 * MIB,
  detections: 30_000,
  memoryFileBytes: 256 * KIB,
  memoryBytes: 4 * MIB,
  spillBytes: 4 * GIB,
  inspectBytes: 4 * GIB,
  inspectMemoryBytes: MIB,
  time: 60 * 60 * 1000,
};

/** Characters of the path of a file that is kept, and of a detection, on average: a real one has a fifth of that. */
const FILE_TEXT = 256;
const DETECTION_TEXT = 1024;

/** Counts what a layer has cost so far; every method throws `layer-limit` when it is too much, or when the scan was aborted. */
export interface LayerBudget {
  readonly limits: LayerLimits;
  received(bytes: number): void;
  unpacked(bytes: number): void;
  /** Counts an entry, or what costs as much as `entries` of them. */
  entry(entries?: number): void;
  /** Counts bytes of kept files; throws a plain error when they are too many: what is not read is a problem of its file. */
  read(bytes: number): void;
  /** Files to keep, and detections. */
  readonly files: Room;
  readonly detections: Room;
  /** The layer is read from its start again: only the time goes on. */
  restart(): void;
  /** Cheap: asked often, so that work that never waits can be stopped too. */
  check(): void;
}

/** A budget that starts now. `aborted` may be read from another thread's flag. */
export function createLayerBudget(limits: LayerLimits, aborted: () => boolean): LayerBudget {
  const deadline = performance.now() + limits.time;
  let received = 0;
  let unpacked = 0;
  let entries = 0;
  let read = 0;

  function over(what: string, key: string): never {
    throw new AppError('layer-limit', `layer exceeds a limit: ${what} (indexer.layer_limits.${key})`);
  }
  function check(): void {
    if (aborted()) throw new AppError('layer-unavailable', 'scan of the layer was aborted');
    if (performance.now() > deadline) over(`not done after ${limits.time / 1000} s`, 'time');
  }
  return {
    limits,
    check,
    received(bytes) {
      received += bytes;
      if (received > limits.compressedBytes) {
        over(`more than ${limits.compressedBytes} bytes to fetch`, 'compressed_size');
      }
      check();
    },
    unpacked(bytes) {
      unpacked += bytes;
      if (unpacked > limits.uncompressedBytes) {
        over(`more than ${limits.uncompressedBytes} bytes unpacked`, 'unpacked_size');
      }
      if (unpacked > limits.ratioFrom && unpacked > received * limits.ratio) {
        over(`unpacks to more than ${limits.ratio} times its size`, 'ratio');
      }
      check();
    },
    read(bytes) {
      check();
      if (read + bytes > limits.readBytes) {
        const most = `${limits.readBytes} bytes read from files of a layer`;
        throw new RangeError(`exceeds the limit of ${most} (indexer.layer_limits.read_size)`);
      }
      read += bytes;
    },
    files: new Room(limits.files, FILE_TEXT),
    detections: new Room(limits.detections, DETECTION_TEXT),
    restart() {
      received = 0;
      unpacked = 0;
    },
    entry(more = 1) {
      entries += more;
      if (entries > limits.entries)
        over(
          `more than ${limits.entries} entries (one with a long name, deep directories or large headers counts as several)`,
          'entries',
        );
    },
  };
}
