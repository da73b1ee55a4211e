/**
 * What a layer is to the detectors, gathered entry by entry: which files each of them wants, what is where, and what is
 * whited out. Where the content comes from (an archive, a directory) is the walker's business.
 */
import type { Entry, EntryType, LayerFile, LayerView } from '../../contract/detector.ts';
import type { Digest } from '../../model/digest.ts';
import { byteOrder, cleanPath } from '../tar/clean-path.ts';
import type { DetectorRun } from './detector-run.ts';
import type { KeptFile } from './kept-files.ts';
import type { Budget } from './layer-limits.ts';
import type { LayerProblem, LayerScan } from './layer-scan.ts';
import { join, LayerTree, type Node, OTHER, type Placed, typeOf } from './layer-tree.ts';
import { PathDigests } from './path-digests.ts';
import { whiteoutOf } from './whiteout.ts';

/** A raw entry: `name` and `link` as written. */
export interface RawEntry {
  readonly name: string;
  readonly type: EntryType;
  readonly size: number;
  readonly mode: number;
  readonly link?: string;
}

/** What to do with the content of an entry. */
export interface Wanted {
  readonly entry: Entry;
  readonly ordinal: number;
  readonly keep: boolean;
  readonly inspectors: readonly DetectorRun[];
}

const MAX_PROBLEMS = 100;
const NOBODY: readonly DetectorRun[] = [];

export class LayerCollector {
  readonly #runs: readonly DetectorRun[];
  readonly #budget: Budget;
  readonly #wanters: readonly DetectorRun[];
  readonly #inspectors: readonly DetectorRun[];
  readonly #paths: ReadonlySet<string>;
  readonly #tree: LayerTree;
  readonly #whiteouts = new Set<string>();
  readonly #digests = new PathDigests();
  readonly #wanted: { readonly path: string; readonly node: Node; readonly runs: readonly DetectorRun[] }[] =
    [];
  readonly #kept = new Map<number, KeptFile>();
  /** Why the content of a file was not kept. */
  readonly #refused = new Map<number, string>();
  /** Second names of files: what a detector saw as a file streamed by is there too. */
  readonly #hardlinks: { readonly path: string; readonly node: Node }[] = [];
  /** Where wanted links lead to that has not been seen yet. */
  readonly #ahead = new Set<string>();
  readonly #problems: LayerProblem[] = [];
  #problemCount = 0;

  constructor(runs: readonly DetectorRun[], budget: Budget) {
    this.#runs = runs;
    this.#budget = budget;
    this.#wanters = runs.filter(({ detector }) => detector.wants !== undefined);
    this.#inspectors = runs.filter(({ detector }) => detector.inspects !== undefined);
    this.#paths = new Set(runs.flatMap(({ detector }) => detector.paths ?? []));
    this.#tree = new LayerTree(
      () => budget.entry(),
      (path) => this.problem(path, 'file replaced by a directory of the same layer'),
    );
  }

  /** A problem of the layer itself. */
  problem(where: string, reason: string): void {
    if (this.#problemCount++ < MAX_PROBLEMS) this.#problems.push({ where, reason });
  }

  /** Takes the next entry; undefined: nobody wants its content. `ordinal` counts all entries. */
  add(raw: RawEntry, ordinal: number): Wanted | undefined {
    this.#budget.entry();
    const clean = cleanPath(raw.name);
    if (clean === '') return undefined;
    const { pathBytes } = this.#budget.limits;
    if (isLonger(clean, pathBytes) || (raw.link !== undefined && isLonger(raw.link, pathBytes))) {
      this.problem(`${clean.slice(0, 100)}…`, `path is over the limit of ${pathBytes} bytes`);
      return undefined;
    }
    const directory = this.#tree.parentOf(clean);
    if (directory === undefined) {
      this.problem(clean, 'links of its directory go in circles');
      return undefined;
    }
    const base = clean.slice(clean.lastIndexOf('/') + 1);
    if (base.startsWith('.wh.')) {
      const removed = whiteoutOf(directory.path, base);
      if (removed !== undefined) this.#whiteouts.add(removed);
      return undefined;
    }
    this.#digests.add(directory.path, base, raw.type === 'directory');
    const node = this.#nodeOf(raw, ordinal);
    this.#tree.place(directory, base, node);
    const { type, size, mode, link } = raw;
    const entry: Entry = {
      path: join(directory, base),
      type,
      size,
      mode,
      ...(link !== undefined && { link }),
    };
    return this.#ask(entry, node, ordinal);
  }

  /** The content of a file is there. */
  keep(ordinal: number, file: KeptFile): void {
    this.#kept.set(ordinal, file);
  }

  /** The content of a file could not be kept: whoever wants it is told. */
  refuse(ordinal: number, reason: string): void {
    this.#refused.set(ordinal, reason);
  }

  /** Files that are wanted by way of a link, and had passed before that was known: ordinal -> path. */
  missing(): ReadonlyMap<number, string> {
    const missing = new Map<number, string>();
    for (const run of this.#runs) {
      for (const { ordinal, real } of this.#filesOf(run).values()) {
        if (!this.#kept.has(ordinal) && !this.#refused.has(ordinal)) missing.set(ordinal, real);
      }
    }
    return missing;
  }

  /** Has all detectors read what they wanted. */
  findings(layer: Digest): LayerScan {
    const views = new Map<DetectorRun, LayerView>();
    this.#tellHardlinks();
    for (const run of this.#runs) {
      const { detector } = run;
      if (detector.read === undefined || run.broken) continue;
      const view = this.#viewOf(run);
      views.set(run, view);
      run.take('', () => detector.read?.(view) ?? []);
    }
    return {
      layer,
      whiteouts: [...this.#whiteouts].sort(byteOrder),
      owned: ownedIn(this.#runs, views),
      found: this.#runs.flatMap((run) => run.results()),
      problems: this.#toldProblems(),
      paths: this.#digests.toText(),
    };
  }

  #toldProblems(): LayerProblem[] {
    const untold = this.#problemCount - this.#problems.length;
    if (untold === 0) return this.#problems;
    return [...this.#problems, { where: '', reason: `${untold} more problems of this kind` }];
  }

  #nodeOf(raw: RawEntry, ordinal: number): Placed {
    switch (raw.type) {
      case 'directory':
        return 'directory';
      case 'symlink':
        return { kind: 'symlink', target: raw.link ?? '' };
      case 'hardlink':
        return this.#tree.hardlink(raw.link ?? '');
      case 'file':
        return ordinal;
      default:
        return OTHER;
    }
  }

  #ask(entry: Entry, node: Placed, ordinal: number): Wanted | undefined {
    let runs = NOBODY;
    for (const run of this.#wanters) {
      if (run.ask(entry.path, () => run.detector.wants?.(entry))) runs = [...runs, run];
    }
    const isFile = entry.type === 'file';
    const isPath = this.#paths.has(entry.path);
    if (runs.length > 0 && node !== 'directory') this.#wanted.push({ path: entry.path, node, runs });
    if (!isFile) {
      if (runs.length > 0 || isPath) this.#lookAhead(entry);
      if (entry.type === 'hardlink' && node !== 'directory') this.#hardlinks.push({ path: entry.path, node });
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

  /** A wanted link whose target is still to come spares a second pass. */
  #lookAhead({ path, type, link }: Entry): void {
    if (link === undefined) return;
    const from = type === 'hardlink' || link.startsWith('/') ? '' : path.slice(0, path.lastIndexOf('/') + 1);
    const target = cleanPath(from + link);
    if (this.#ahead.size < MAX_AHEAD && this.#tree.resolve(target) === undefined) this.#ahead.add(target);
  }

  /** What `run` gets: path as it knows it -> file. */
  #filesOf(run: DetectorRun): Map<string, { readonly ordinal: number; readonly real: string }> {
    const files = new Map<string, { ordinal: number; real: string }>();
    const add = (path: string): void => {
      const resolved = this.#tree.resolve(path);
      if (typeof resolved === 'object' && typeof resolved.node === 'number' && resolved.node !== OTHER) {
        files.set(path, { ordinal: resolved.node, real: resolved.path });
      }
    };
    for (const { path, node, runs } of this.#wanted) {
      // What was replaced later in the layer is gone.
      if (runs.includes(run) && this.#tree.at(path) === node) add(path);
    }
    for (const path of run.detector.paths ?? []) add(path);
    return files;
  }

  #viewOf(run: DetectorRun): LayerView {
    const byPath = new Map<string, LayerFile>();
    const byOrdinal = new Map<number, LayerFile>();
    for (const [path, { ordinal }] of this.#filesOf(run)) {
      const kept = this.#kept.get(ordinal);
      if (kept === undefined) {
        const reason = this.#refused.get(ordinal);
        if (reason !== undefined) run.problem(path, reason);
        continue;
      }
      const { size, mode } = kept;
      const file: LayerFile = { path, size, mode, read: () => kept.read() };
      byPath.set(path, file);
      byOrdinal.set(ordinal, file);
    }
    this.#tellCycles(run);
    const tree = this.#tree;
    return {
      files: [...byPath.values()].sort((a, b) => byteOrder(a.path, b.path)),
      file(path) {
        const direct = byPath.get(path);
        if (direct !== undefined) return direct;
        const resolved = tree.resolve(path);
        return typeof resolved === 'object' && typeof resolved.node === 'number'
          ? byOrdinal.get(resolved.node)
          : undefined;
      },
      has(path, type) {
        if (type === 'symlink' || type === 'hardlink') {
          const node = tree.at(path);
          return node !== undefined && typeOf(node) === type;
        }
        const resolved = tree.resolve(path);
        return typeof resolved === 'object' && (type === undefined || typeOf(resolved.node) === type);
      },
    };
  }

  /** Those that only inspect see no links: what they found in a file holds for all of its names. */
  #tellHardlinks(): void {
    if (this.#hardlinks.length === 0) return;
    for (const run of this.#inspectors) {
      if (run.detector.read !== undefined) continue;
      const seen = new Map<number, string>();
      for (const path of run.packagePaths()) {
        const resolved = this.#tree.resolve(path);
        if (typeof resolved === 'object' && typeof resolved.node === 'number') seen.set(resolved.node, path);
      }
      if (seen.size === 0) continue;
      const names = new Map<string, string[]>();
      for (const { path, node } of this.#hardlinks) {
        const resolved = this.#tree.at(path) === node ? this.#tree.resolve(path) : undefined;
        const original =
          typeof resolved === 'object' && typeof resolved.node === 'number'
            ? seen.get(resolved.node)
            : undefined;
        if (original !== undefined) names.set(original, [...(names.get(original) ?? []), path]);
      }
      run.alsoAt(names);
    }
  }

  #tellCycles(run: DetectorRun): void {
    const wanted = this.#wanted.filter(({ runs, node }) => typeof node === 'object' && runs.includes(run));
    for (const path of new Set([...wanted.map(({ path }) => path), ...(run.detector.paths ?? [])])) {
      if (this.#tree.resolve(path) === 'cycle') run.problem(path, 'links go in circles');
    }
  }
}

const MAX_AHEAD = 100_000;

/** Which of the packages that are files of their own belong to the operating system's. */
function ownedIn(runs: readonly DetectorRun[], views: ReadonlyMap<DetectorRun, LayerView>): string[] {
  const owners = [...views].filter(([{ detector, broken }]) => detector.owns !== undefined && !broken);
  if (owners.length === 0) return [];
  const paths = new Set(
    runs.filter(({ detector }) => detector.owns === undefined).flatMap((run) => run.packagePaths()),
  );
  if (paths.size === 0) return [];
  const owned = new Set(owners.flatMap(([run, view]) => run.owned(view, paths)));
  return [...owned].sort(byteOrder);
}

function isLonger(text: string, bytes: number): boolean {
  return text.length * 3 > bytes && Buffer.byteLength(text) > bytes;
}
