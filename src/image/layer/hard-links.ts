/** Second names of files: what a detector saw as a file streamed by is there too. */
import type { DetectorRun } from './detector-run.ts';
import type { LayerTree, Node } from './layer-tree.ts';
import { Room } from './room.ts';

/** An image of ostree has 200,000. */
const MAX_LINKS = 300_000;

export class HardLinks {
  readonly #tree: LayerTree;
  readonly #room = new Room(MAX_LINKS, 128);
  readonly #links: { readonly path: string; readonly node: Node }[] = [];

  constructor(tree: LayerTree) {
    this.#tree = tree;
  }

  /** A hard link at `path`, which is `node` in the tree; false if there are too many. */
  add(path: string, node: Node): boolean {
    if (!this.#room.take(path.length)) return false;
    this.#links.push({ path, node });
    return true;
  }

  /** Those that only inspect see no links: what they found in a file holds for all of its names. */
  tell(runs: readonly DetectorRun[]): void {
    if (this.#links.length === 0) return;
    for (const run of runs) {
      if (run.detector.inspects === undefined || run.detector.read !== undefined) continue;
      const names = this.#namesOf(run.packagePaths());
      if (names.size > 0) run.alsoAt(names);
    }
  }

  /** Those that are still there, each with the ordinal of its file. */
  *standing(): Generator<{ readonly path: string; readonly ordinal: number }> {
    for (const { path, node } of this.#links) {
      // What was replaced later in the layer is gone.
      const file = this.#tree.at(path) === node ? this.#tree.fileAt(path) : undefined;
      if (file !== undefined) yield { path, ordinal: file.ordinal };
    }
  }

  /** The other names of the files at `paths`, by path. */
  #namesOf(paths: readonly string[]): Map<string, string[]> {
    const names = new Map<string, string[]>();
    const seen = new Map<number, string>();
    for (const path of paths) {
      const file = this.#tree.fileAt(path);
      if (file !== undefined) seen.set(file.ordinal, path);
    }
    if (seen.size === 0) return names;
    for (const { path, ordinal } of this.standing()) {
      const original = seen.get(ordinal);
      if (original !== undefined) {
        const known = names.get(original);
        if (known === undefined) names.set(original, [path]);
        else known.push(path);
      }
    }
    return names;
  }
}
