/** What the detectors want of a layer: asked entry by entry, as the entries pass. */
import type { Entry } from '../../contract/detector.ts';
import { cleanPath } from '../tar/clean-path.ts';
import type { DetectorRun } from './detector-run.ts';
import type { LayerBudget } from './layer-limits.ts';
import { DIRECTORY, type LayerTree, type Node, type Placed } from './layer-tree.ts';
import { Room } from './room.ts';

/** What to do with the content of an entry. */
export interface Wanted {
  readonly entry: Entry;
  readonly ordinal: number;
  readonly keep: boolean;
  readonly inspectors: readonly DetectorRun[];
}

const NOBODY: readonly DetectorRun[] = [];
/** Links that lead to what is still to come. */
const MAX_AHEAD = 100_000;

export class WantedEntries {
  readonly #tree: LayerTree;
  readonly #wanters: readonly DetectorRun[];
  readonly #inspectors: readonly DetectorRun[];
  readonly #paths: ReadonlySet<string>;
  readonly #budget: LayerBudget;
  readonly #overFiles: string;
  readonly #wanted = new Map<DetectorRun, { readonly path: string; readonly node: Node }[]>();
  /** What `filesOf` gave, once all entries have passed. */
  readonly #files = new Map<DetectorRun, ReadonlyMap<string, number>>();
  /** Where wanted links lead to that has not been seen yet. */
  readonly #ahead = new Set<string>();
  readonly #aheadRoom = new Room(MAX_AHEAD, 128);

  constructor(runs: readonly DetectorRun[], tree: LayerTree, budget: LayerBudget) {
    this.#budget = budget;
    const most = budget.files.most('files that are kept of a layer');
    this.#overFiles = `exceeds the limit of ${most} (indexer.layer_limits.files)`;
    this.#tree = tree;
    this.#wanters = runs.filter(({ detector }) => detector.wants !== undefined);
    this.#inspectors = runs.filter(({ detector }) => detector.inspects !== undefined);
    this.#paths = new Set(runs.flatMap(({ detector }) => detector.paths ?? []));
  }

  /** Returns what to do with the content of `entry`, which is now `node` in the tree; undefined: it has none that is looked at. */
  ask(entry: Entry, node: Placed, ordinal: number): Wanted | undefined {
    let runs = NOBODY;
    for (const run of this.#wanters) {
      if (run.wants(entry)) runs = [...runs, run];
    }
    const isPath = this.#paths.has(entry.path);
    if (runs.length > 0 && node !== DIRECTORY && !this.#want(runs, entry.path, node)) runs = NOBODY;
    if (entry.type !== 'file') {
      if (runs.length > 0 || isPath) this.#lookAhead(entry);
      return undefined;
    }
    let inspectors = NOBODY;
    if (entry.size > 0) {
      for (const run of this.#inspectors) {
        if (run.inspects(entry)) inspectors = [...inspectors, run];
      }
    }
    const keep = runs.length > 0 || isPath || this.#ahead.has(entry.path);
    return keep || entry.size > 0 ? { entry, ordinal, keep, inspectors } : undefined;
  }

  /** Notes who wants it; false, and a problem of theirs, if the layer has too much of that. */
  #want(runs: readonly DetectorRun[], path: string, node: Node): boolean {
    const hasRoom = this.#budget.files.take(path.length);
    const wanted = { path, node };
    for (const run of runs) {
      const all = this.#wanted.get(run);
      if (!hasRoom) run.problem(path, this.#overFiles);
      else if (all === undefined) this.#wanted.set(run, [wanted]);
      else all.push(wanted);
    }
    return hasRoom;
  }

  /** Returns what `run` gets, when all entries have passed: path as it knows it -> ordinal of the file. */
  filesOf(run: DetectorRun): ReadonlyMap<string, number> {
    const known = this.#files.get(run);
    if (known !== undefined) return known;
    const files = new Map<string, number>();
    const add = (path: string): void => {
      const file = this.#tree.fileAt(path);
      if (file !== undefined) files.set(path, file.ordinal);
    };
    for (const { path, node } of this.#wanted.get(run) ?? []) {
      // What was replaced later in the layer is gone.
      if (this.#tree.at(path) === node) add(path);
    }
    for (const path of run.detector.paths ?? []) add(path);
    this.#files.set(run, files);
    return files;
  }

  /** Tells `run` of wanted links that lead nowhere: content of another layer cannot be read here. */
  tellLostLinks(run: DetectorRun): void {
    const wanted = (this.#wanted.get(run) ?? []).filter(({ node }) => typeof node !== 'number');
    for (const path of new Set([...wanted.map(({ path }) => path), ...(run.detector.paths ?? [])])) {
      if (this.#tree.resolve(path) === 'cycle') run.problem(path, 'symbolic links form a loop');
    }
    for (const { path, node } of wanted) {
      const isLost =
        typeof node === 'object' && node.kind === 'hardlink' && this.#tree.resolve(path) === undefined;
      if (isLost && this.#tree.at(path) === node)
        run.problem(path, 'a hard link to a file that is not in its layer');
    }
  }

  /** A wanted link whose target is still to come spares a second pass. */
  #lookAhead({ path, type, link }: Entry): void {
    if (link === undefined) return;
    const from = type === 'hardlink' || link.startsWith('/') ? '' : path.slice(0, path.lastIndexOf('/') + 1);
    const target = cleanPath(from + link);
    if (this.#tree.resolve(target) === undefined && this.#aheadRoom.take(target.length))
      this.#ahead.add(target);
  }
}
