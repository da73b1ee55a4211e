/** What one detector sees of a layer: the files that it wanted, by its names for them, and what else is where. */
import type { LayerFile, LayerView } from '../../contract/detector.ts';
import { byteOrder } from '../tar/clean-path.ts';
import type { DetectorRun } from './detector-run.ts';
import type { KeptFile } from './kept-files.ts';
import type { LayerContents } from './layer-contents.ts';
import type { LayerBudget } from './layer-limits.ts';
import { type LayerTree, typeOf } from './layer-tree.ts';

/** `files`: path as `run` knows it -> ordinal of the file. A content that could not be kept becomes a problem of `run`. */
export function layerView(
  run: DetectorRun,
  files: ReadonlyMap<string, number>,
  contents: LayerContents,
  tree: LayerTree,
  budget: LayerBudget,
): LayerView {
  const byPath = new Map<string, LayerFile>();
  for (const [path, ordinal] of files) {
    const content = contents.at(ordinal);
    if (typeof content === 'string') run.problem(path, content);
    if (typeof content !== 'object') continue;
    byPath.set(path, new ViewFile(path, content, budget));
  }
  let byOrdinal: ReadonlyMap<number, LayerFile> | undefined; // few ask for other names
  return {
    files: [...byPath.values()].sort((a, b) => byteOrder(a.path, b.path)),
    file(path) {
      const direct = byPath.get(path);
      if (direct !== undefined) return direct;
      const linked = tree.fileAt(path);
      if (linked === undefined) return undefined;
      byOrdinal ??= new Map(
        [...byPath.values()].map((file): [number, LayerFile] => [files.get(file.path)!, file]),
      );
      return byOrdinal.get(linked.ordinal);
    },
    has(path, type) {
      if (type === 'symlink' || type === 'hardlink') {
        const node = tree.at(path);
        return node !== undefined && typeOf(node) === type;
      }
      const resolved = tree.resolve(path);
      return typeof resolved === 'object' && (type === undefined || typeOf(resolved.node) === type);
    },
    names(path) {
      const resolved = tree.resolve(path);
      const isFolder = typeof resolved === 'object' && typeof resolved.node === 'object';
      return isFolder ? tree.namesIn(resolved.node).sort(byteOrder) : [];
    },
  };
}

/** A kept file, whose bytes are counted as they are read. */
class ViewFile implements LayerFile {
  readonly path: string;
  readonly #kept: KeptFile;
  readonly #budget: LayerBudget;

  constructor(path: string, kept: KeptFile, budget: LayerBudget) {
    this.path = path;
    this.#kept = kept;
    this.#budget = budget;
  }

  get size(): number {
    return this.#kept.size;
  }

  get mode(): number {
    return this.#kept.mode;
  }

  read(): Buffer {
    const { wholeBytes } = this.#budget.limits;
    if (this.size > wholeBytes)
      throw new RangeError(`file of ${this.size} bytes exceeds the limit of ${wholeBytes}`);
    return this.start(this.size);
  }

  start(length: number): Buffer {
    const bytes = Math.min(length, this.size);
    this.#budget.read(bytes);
    return this.#kept.read(0, bytes);
  }

  part(offset: number, length: number): Buffer {
    this.#budget.check();
    return this.#kept.read(offset, length);
  }
}
