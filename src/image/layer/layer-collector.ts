/**
 * What a layer is to the detectors, gathered entry by entry: which files each of them wants, what is where, and what is
 * whited out. Where the content comes from (an archive, a directory) is the walker's business.
 */
import type { Entry, EntryType, LayerView } from '../../contract/detector.ts';
import type { Digest } from '../../model/digest.ts';
import { byteOrder, cleanPath, joinPath } from '../tar/clean-path.ts';
import type { DetectorRun } from './detector-run.ts';
import { HardLinks } from './hard-links.ts';
import type { KeptFile } from './kept-files.ts';
import { accountsOf, toFolders } from './layer-accounts.ts';
import { LayerContents } from './layer-contents.ts';
import type { LayerBudget } from './layer-limits.ts';
import { LayerProblems } from './layer-problems.ts';
import type { LayerScan } from './layer-scan.ts';
import { DIRECTORY, LayerTree, OTHER, type Placed } from './layer-tree.ts';
import { layerView } from './layer-view.ts';
import { ownedFiles } from './owned-files.ts';
import { PathDigests } from './path-digests.ts';
import { Room } from './room.ts';
import { RunnableFiles } from './runnable-files.ts';
import { type Wanted, WantedEntries } from './wanted-entries.ts';
import { whiteoutOf } from './whiteout.ts';

/** A raw entry: `name` and `link` as written. */
export interface RawEntry {
  readonly name: string;
  readonly type: EntryType;
  readonly size: number;
  readonly mode: number;
  readonly link?: string;
}

/** Each is a path in memory and in the database; a system has as many files. */
const MAX_WHITEOUTS = 250_000;

/** One more entry costs as much as this many folders on the way to it. */
const FOLDERS_OF_AN_ENTRY = 16;

/** os-release(5): a root of a system has one of these. */
const OS_RELEASE = ['etc/os-release', 'usr/lib/os-release'];

export class LayerCollector {
  /** Is shown what of each file passes. */
  readonly runnable: RunnableFiles;
  readonly #runs: readonly DetectorRun[];
  readonly #budget: LayerBudget;
  readonly #tree: LayerTree;
  readonly #wanted: WantedEntries;
  readonly #hardLinks: HardLinks;
  readonly #contents = new LayerContents();
  readonly #whiteouts = new Set<string>();
  readonly #whiteoutRoom = new Room(MAX_WHITEOUTS, 128);
  readonly #digests = new PathDigests();
  readonly #problems = new LayerProblems();

  constructor(runs: readonly DetectorRun[], budget: LayerBudget) {
    this.#runs = runs;
    this.#budget = budget;
    this.#tree = new LayerTree(
      (base) => budget.entry(1 + beyond(base.length)),
      (steps) => budget.entry(Math.floor(steps / FOLDERS_OF_AN_ENTRY)),
      (path) => this.problem(path, 'file replaced by a directory of the same layer'),
    );
    this.#wanted = new WantedEntries(runs, this.#tree, budget);
    this.#hardLinks = new HardLinks(this.#tree);
    this.runnable = new RunnableFiles(this.#tree, (path, reason) => this.problem(path, reason));
  }

  /** A problem of the layer itself. */
  problem(where: string, reason: string): void {
    this.#problems.add(where, reason);
  }

  /** Takes the next entry; undefined: nobody wants its content. `ordinal` counts all entries. */
  add(raw: RawEntry, ordinal: number): Wanted | undefined {
    const { name, link = '' } = raw;
    this.#budget.entry(1 + (name.length >> 8) + beyond(name.length - name.lastIndexOf('/') + link.length));
    const clean = this.#pathOf(raw);
    if (clean === undefined) return undefined;
    const parent = this.#tree.parentOf(clean);
    if (parent === undefined) {
      this.problem(clean, 'symbolic links of its directory form a loop');
      return undefined;
    }
    const base = clean.slice(clean.lastIndexOf('/') + 1);
    if (base.startsWith('.wh.')) {
      this.#whiteOut(whiteoutOf(parent.path, base));
      return undefined;
    }
    this.#digests.add(parent.path, base, raw.type === 'directory');
    const node = this.#nodeOf(raw, ordinal);
    this.#tree.place(parent.directory, base, node);
    const { type, size, mode } = raw;
    const path = parent.isReal ? clean : joinPath(parent.path, base);
    const entry: Entry =
      raw.link === undefined ? { path, type, size, mode } : { path, type, size, mode, link };
    if (type === 'hardlink' && node !== DIRECTORY && !this.#hardLinks.add(path, node)) {
      this.problem(path, 'too many hard links: the program is reported at its first name only');
    }
    return this.#wanted.ask(entry, node, ordinal);
  }

  /** The content of a file is there. */
  keep(ordinal: number, file: KeptFile): void {
    this.#contents.keep(ordinal, file);
  }

  /** The content of a file could not be kept: whoever wants it is told. */
  refuse(ordinal: number, reason: string): void {
    this.#contents.refuse(ordinal, reason);
  }

  /** Files that are wanted by way of a link, and had passed before that was known: ordinal -> path. */
  missing(): ReadonlyMap<number, string> {
    const missing = new Map<number, string>();
    for (const run of this.#runs) {
      for (const [path, ordinal] of this.#wanted.filesOf(run)) {
        if (!this.#contents.has(ordinal)) missing.set(ordinal, this.#tree.fileAt(path)?.path ?? path);
      }
    }
    return missing;
  }

  /** Has all detectors read what they wanted. */
  detections(layer: Digest): LayerScan {
    const views = new Map<DetectorRun, LayerView>();
    this.#hardLinks.tell(this.#runs);
    const isSystem = OS_RELEASE.some((path) => this.#tree.fileAt(path) !== undefined);
    for (const run of this.#runs) {
      const { detector } = run;
      if (detector.read === undefined || run.broken || (detector.checkouts && isSystem)) continue;
      const view = layerView(run, this.#wanted.filesOf(run), this.#contents, this.#tree, this.#budget);
      this.#wanted.tellLostLinks(run);
      views.set(run, view);
      run.take('', () => detector.read?.(view) ?? []);
    }
    const runnable = this.runnable.standing(this.#hardLinks);
    const owned = ownedFiles(
      this.#runs,
      views,
      runnable.map(({ path }) => path),
    );
    const accounted = accountsOf(runnable, owned.all, this.#runs, views);
    return {
      layer,
      whiteouts: [...this.#whiteouts].sort(byteOrder),
      owned: [...owned.packages].sort(byteOrder),
      runnable: toFolders(accounted),
      found: this.#runs.flatMap((run) => run.results()),
      problems: this.#problems.told(),
      paths: this.#digests.toText(),
    };
  }

  #whiteOut(path: string | undefined): void {
    if (path === undefined) return;
    if (this.#whiteoutRoom.take(path.length)) this.#whiteouts.add(path);
    // What it removes stays in the report: too much is told, never too little.
    else {
      const most = this.#whiteoutRoom.most('files that a layer removes');
      this.problem(path, `exceeds the limit of ${most}: this one is not removed`);
    }
  }

  /** The clean path of an entry; undefined: it is the root, or too long. */
  #pathOf({ name, link }: RawEntry): string | undefined {
    const clean = cleanPath(name);
    if (clean === '') return undefined;
    const { pathBytes } = this.#budget.limits;
    if (!isLonger(clean, pathBytes) && (link === undefined || !isLonger(link, pathBytes))) return clean;
    this.problem(`${clean.slice(0, 100)}…`, `path exceeds the limit of ${pathBytes} bytes`);
    return undefined;
  }

  #nodeOf(raw: RawEntry, ordinal: number): Placed {
    switch (raw.type) {
      case 'directory':
        return DIRECTORY;
      case 'symlink':
        return raw.link ?? '';
      case 'hardlink':
        return this.#tree.hardlink(raw.link ?? '');
      case 'file':
        return ordinal;
      default:
        return OTHER;
    }
  }
}

/** Names and targets of links stay in memory: more text than an entry has counts as more entries. */
function beyond(characters: number): number {
  return Math.max(0, characters - 64) >> 6;
}

function isLonger(text: string, bytes: number): boolean {
  return text.length * 3 > bytes && Buffer.byteLength(text) > bytes;
}
