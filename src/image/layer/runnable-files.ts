/** The files of a layer that can run, as they stream by: each is told by its first bytes. */
import type { Entry, RandomAccessFile } from '../../contract/detector.ts';
import { programMarks } from '../../formats/programs/program-marks.ts';
import { mayRun, RUNNABLE_HEAD, runnableKind } from '../../formats/programs/runnable.ts';
import type { Mark, RunnableKind } from '../../model/ledger.ts';
import type { TarContent } from '../tar/content.ts';
import type { HardLinks } from './hard-links.ts';
import type { LayerTree } from './layer-tree.ts';
import { Room } from './room.ts';

/** A file that can run. */
export interface Runnable {
  readonly path: string;
  readonly size: number;
  readonly kind: RunnableKind;
  readonly marks: readonly Mark[];
}

interface Found extends Runnable {
  marks: readonly Mark[];
}

/** The biggest systems have 50,000, with all their names. */
const MAX_RUNNABLE = 125_000;

/** Takes the content of one file at a time, and no more of it than it needs. */
export class RunnableFiles implements TarContent {
  readonly #tree: LayerTree;
  readonly #found = new Map<number, Found>();
  readonly #head = Buffer.allocUnsafeSlow(RUNNABLE_HEAD);
  #filled = 0;
  readonly #room = new Room(MAX_RUNNABLE, 128);
  // Made once: a layer may have a million files too many.
  readonly #over =
    `exceeds the limit of ${this.#room.most('files of a layer that can run')}: it is not in the ledger`;
  readonly #onOver: (path: string, reason: string) => void;
  #entry: Entry | undefined;
  #ordinal = 0;

  /** `onOver` is told of each for which there is no room, and why. */
  constructor(tree: LayerTree, onOver: (path: string, reason: string) => void) {
    this.#tree = tree;
    this.#onOver = onOver;
  }

  /** What takes the content of `entry`. */
  begin(entry: Entry, ordinal: number): TarContent {
    this.#entry = entry;
    this.#ordinal = ordinal;
    this.#filled = 0;
    return this;
  }

  data(piece: Buffer): boolean {
    if (this.#filled === 0) {
      if (!mayRun(piece[0]!)) return false;
      if (piece.length >= RUNNABLE_HEAD || piece.length >= this.#entry!.size) {
        this.head(this.#entry!, this.#ordinal, piece.subarray(0, RUNNABLE_HEAD));
        return false;
      }
    }
    this.#filled += piece.copy(this.#head, this.#filled);
    if (this.#filled < RUNNABLE_HEAD) return true;
    this.end();
    return false;
  }

  end(): void {
    this.head(this.#entry!, this.#ordinal, this.#head.subarray(0, this.#filled));
  }

  /** A file that begins so. */
  head({ path, size, mode }: Entry, ordinal: number, head: Buffer): void {
    const kind = runnableKind(path, mode, head);
    if (kind !== undefined && this.#hasRoom(path)) this.#found.set(ordinal, { path, size, kind, marks: [] });
  }

  /** The same file with all of its content. */
  whole(file: RandomAccessFile, ordinal: number): void {
    const found = this.#found.get(ordinal);
    if (found !== undefined && (found.kind === 'elf' || found.kind === 'pe' || found.kind === 'mach-o'))
      found.marks = programMarks(file);
  }

  /** Those that are there when all entries have passed, under each of their names. */
  standing(hardLinks: HardLinks): Runnable[] {
    const standing: Runnable[] = [];
    // What was replaced later in the layer is gone.
    for (const [ordinal, file] of this.#found) if (this.#tree.at(file.path) === ordinal) standing.push(file);
    if (this.#found.size === 0) return standing;
    for (const { path, ordinal } of hardLinks.standing()) {
      const file = this.#found.get(ordinal);
      if (file !== undefined && this.#hasRoom(path)) standing.push({ ...file, path });
    }
    return standing;
  }

  #hasRoom(path: string): boolean {
    if (this.#room.take(path.length)) return true;
    this.#onOver(path, this.#over);
    return false;
  }
}
