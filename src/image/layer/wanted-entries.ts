/** What the detectors want of a layer: asked entry by entry, as the entries pass. */
import type { Entry } from '../../contract/detector.ts';
import { cleanPath } from '../tar/clean-path.ts';
import type { DetectorRun } from './detector-run.ts';
import type { LayerTree, Node, Placed, PlacedFile } from './layer-tree.ts';

/** What to do with the content of an entry. */
export interface Wanted {
  readonly entry: Entry;
  readonly ordinal: number;
  readonly keep: boolean;
  readonly inspectors: readonly DetectorRun[];
}

const NOBODY: readonly DetectorRun[] = [];
const MAX_AHEAD = 100_000;

export class WantedEntries {
  readonly #tree: LayerTree;
  readonly #wanters: readonly DetectorRun[];
  readonly #inspectors: readonly DetectorRun[];
  readonly #paths: ReadonlySet<string>;
  readonly #wanted: { readonly path: string; readonly node: Node; readonly runs: readonly DetectorRun[] }[] =
    [];
  /** Where wanted links lead to that has not been seen yet. */
  readonly #ahead = new Set<string>();

  constructor(runs: readonly DetectorRun[], tree: LayerTree) {
    this.#tree = tree;
    this.#wanters = runs.filter(({ detector }) => detector.wants !== undefined);
    this.#inspectors = runs.filter(({ detector }) => detector.inspects !== undefined);
    this.#paths = new Set(runs.flatMap(({ detector }) => detector.paths ?? []));
  }

  /** Returns what to do with the content of `entry`, which is now `node` in the tree; undefined: nobody wants it. */
  ask(entry: Entry, node: Placed, ordinal: number): Wanted | undefined {
    let runs = NOBODY;
    for (const run of this.#wanters) {
      if (run.ask(entry.path, () => run.detector.wants?.(entry))) runs = [...runs, run];
    }
    const isPath = this.#paths.has(entry.path);
    if (runs.length > 0 && node !== 'directory') this.#wanted.push({ path: entry.path, node, runs });
    if (entry.type !== 'file') {
      if (runs.length > 0 || isPath) this.#lookAhead(entry);
      return undefined;
    }
    let inspectors = NOBODY;
    if (entry.size > 0) {
      for (const run of this.#inspectors) {
        if (run.ask(entry.path, () => run.detector.inspects?.(entry))) inspectors = [...inspectors, run];
      }
    }
    const keep = runs.length > 0 || isPath || this.#ahead.has(entry.path);
    return keep || inspectors.length > 0 ? { entry, ordinal, keep, inspectors } : undefined;
  }

  /** Returns what `run` gets: path as it knows it -> file. */
  filesOf(run: DetectorRun): Map<string, PlacedFile> {
    const files = new Map<string, PlacedFile>();
    const add = (path: string): void => {
      const file = this.#tree.fileAt(path);
      if (file !== undefined) files.set(path, file);
    };
    for (const { path, node, runs } of this.#wanted) {
      // What was replaced later in the layer is gone.
      if (runs.includes(run) && this.#tree.at(path) === node) add(path);
    }
    for (const path of run.detector.paths ?? []) add(path);
    return files;
  }

  /** Tells `run` of wanted links that lead nowhere. */
  tellCycles(run: DetectorRun): void {
    const wanted = this.#wanted.filter(({ runs, node }) => typeof node === 'object' && runs.includes(run));
    for (const path of new Set([...wanted.map(({ path }) => path), ...(run.detector.paths ?? [])])) {
      if (this.#tree.resolve(path) === 'cycle') run.problem(path, 'links go in circles');
    }
  }

  /** A wanted link whose target is still to come spares a second pass. */
  #lookAhead({ path, type, link }: Entry): void {
    if (link === undefined) return;
    const from = type === 'hardlink' || link.startsWith('/') ? '' : path.slice(0, path.lastIndexOf('/') + 1);
    const target = cleanPath(from + link);
    if (this.#ahead.size < MAX_AHEAD && this.#tree.resolve(target) === undefined) this.#ahead.add(target);
  }
}
