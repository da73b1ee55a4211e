/** Lets detectors look at files while they stream by: buffered only if the first bytes say so, one at a time. */
import type { Entry, RandomAccessFile } from '../../contract/detector.ts';
import { SpillFile } from '../../lib/spill-file.ts';
import type { TarContent } from '../tar/content.ts';
import type { DetectorRun } from './detector-run.ts';
import type { LayerLimits } from './layer-limits.ts';
import { memoryFile, readerFile } from './random-access.ts';

/** Bytes that `magic` gets. */
export const HEAD_BYTES = 512;

export class Inspection implements Disposable {
  readonly #limits: LayerLimits;
  readonly #directory: string | undefined;
  /** Used again for each file. */
  #memory: Buffer = Buffer.alloc(0);
  #spill: SpillFile | undefined;

  constructor(limits: LayerLimits, directory?: string) {
    this.#limits = limits;
    this.#directory = directory;
  }

  /** Takes the content of `entry` for those of `runs` whose `magic` says yes; if there are such, `onFile` gets the file first. */
  begin(
    entry: Entry,
    runs: readonly DetectorRun[],
    onFile: (file: RandomAccessFile) => void = () => {},
  ): TarContent {
    let head: Buffer | undefined = Buffer.alloc(0);
    let buffering: Buffering | undefined;
    let interested: readonly DetectorRun[] = runs;
    const decide = (bytes: Buffer): boolean => {
      head = undefined;
      interested = interestedIn(entry, runs, bytes, this.#limits);
      if (interested.length === 0) return false;
      buffering = this.#buffer(entry.size);
      return true;
    };
    return {
      data(piece) {
        if (head === undefined) {
          buffering?.data(piece);
          return true;
        }
        const bytes = head.length === 0 ? piece : Buffer.concat([head, piece]);
        if (bytes.length < HEAD_BYTES && bytes.length < entry.size) {
          head = Buffer.from(bytes);
          return true;
        }
        if (!decide(bytes.subarray(0, HEAD_BYTES))) return false;
        buffering?.data(bytes);
        return true;
      },
      end() {
        if (head !== undefined && !decide(head)) return;
        if (buffering === undefined) return;
        const file = buffering.file(entry);
        onFile(file);
        inspect(file, entry, interested);
      },
    };
  }

  #buffer(size: number): Buffering {
    return size <= this.#limits.inspectMemoryBytes ? this.#bufferInMemory(size) : this.#bufferOnDisk();
  }

  #bufferInMemory(size: number): Buffering {
    if (this.#memory.length < size)
      this.#memory = Buffer.allocUnsafeSlow(Math.min(2 * size, this.#limits.inspectMemoryBytes));
    const memory = this.#memory;
    let filled = 0;
    return {
      data(piece) {
        filled += piece.copy(memory, filled);
      },
      file: (entry) => memoryFile(entry, memory.subarray(0, filled)),
    };
  }

  #bufferOnDisk(): Buffering {
    this.#spill ??= new SpillFile(this.#directory);
    const spill = this.#spill;
    spill.rewind();
    return {
      data: (piece) => spill.append(piece),
      file: (entry) => readerFile(entry, spill.size, (into, offset) => spill.read(into, offset)),
    };
  }

  [Symbol.dispose](): void {
    this.#spill?.[Symbol.dispose]();
  }
}

interface Buffering {
  data(piece: Buffer): void;
  file(entry: Entry): RandomAccessFile;
}

/** Those of `runs` that want to look at `entry`, whose first bytes are `head`. */
export function interestedIn(
  entry: Entry,
  runs: readonly DetectorRun[],
  head: Buffer,
  limits: LayerLimits,
): readonly DetectorRun[] {
  const interested = runs.filter((run) =>
    run.ask(entry.path, () => run.detector.inspect !== undefined && run.detector.magic?.(head, entry)),
  );
  if (entry.size <= limits.inspectBytes) return interested;
  for (const run of interested) {
    run.problem(entry.path, `file of ${entry.size} bytes exceeds the limit of ${limits.inspectBytes}`);
  }
  return [];
}

/** Has each of `runs` look at `file`. */
export function inspect(file: RandomAccessFile, entry: Entry, runs: readonly DetectorRun[]): void {
  for (const run of runs) run.take(entry.path, () => run.detector.inspect?.(file, entry) ?? []);
}
