/**
 * What a layer has at which path, with links resolved as a container would. Plain files are only numbers (their ordinal
 * among the entries): a layer may have a million of them.
 */
import type { EntryType } from '../../contract/detector.ts';
import { cleanPath, joinPath } from '../tar/clean-path.ts';
import { NOTHING, NodeTable, ROOT } from './node-table.ts';

/** The number of a directory among all nodes. There may be millions, and this is all that there is of one. */
export type Directory = number;

export interface DirectoryNode {
  readonly kind: 'directory';
  readonly directory: Directory;
}

/** `same`: the node that it was made a second name of; undefined while there was none. */
export interface Hardlink {
  readonly kind: 'hardlink';
  readonly target: string;
  readonly same: Node | undefined;
}

type Link = Hardlink | string;

/** The ordinal of a file, or `OTHER` for devices and the like; the target of a symbolic link. */
export type Node = DirectoryNode | Link | number;

/** What an entry puts into the tree. */
export type Placed = Link | number | typeof DIRECTORY;

export const DIRECTORY = Symbol('directory');

/** The node of what is no file, directory or link. */
export const OTHER = -1;

/** Values in the table beside ordinals and `OTHER`: a directory, and from the second on the links. */
const IS_DIRECTORY = -2;
const FIRST_LINK = -3;

/** As Linux: more is taken for a cycle. */
const MAX_LINKS = 40;

/** Directories that are remembered by how entries name them. */
const MAX_PARENTS = 4096;

export type Resolved =
  | { readonly node: DirectoryNode | number; readonly path: string }
  /** The links go in circles. */
  | 'cycle'
  /** Nothing there. */
  | undefined;

export interface PlacedFile {
  readonly ordinal: number;
  readonly path: string;
}

/** A directory that entries go into, and its real path: that of their names if no link is on the way. */
export interface Parent {
  readonly directory: Directory;
  readonly path: string;
  readonly isReal: boolean;
}

export class LayerTree {
  readonly #nodes: NodeTable;
  readonly #links: Link[] = [];
  readonly #onDirectory: (base: string) => void;
  readonly #onSteps: (steps: number) => void;
  readonly #onConflict: (path: string) => void;
  readonly #parents = new Map<string, Parent>();
  #lastLink: { readonly written: string; readonly node: Hardlink } | undefined;

  /**
   * `onDirectory` is told of each directory made, `onSteps` of how many were gone through on the way to a path; `onConflict`
   * of a file that had to give way to a directory.
   */
  constructor(
    onDirectory: (base: string) => void,
    onSteps: (steps: number) => void,
    onConflict: (path: string) => void,
  ) {
    this.#nodes = new NodeTable(onSteps);
    this.#onDirectory = onDirectory;
    this.#onSteps = onSteps;
    this.#onConflict = onConflict;
  }

  /** The file that `path` leads to, links followed: its ordinal, and where it really is; undefined: it is no file. */
  fileAt(path: string): PlacedFile | undefined {
    const resolved = this.resolve(path);
    if (typeof resolved !== 'object' || typeof resolved.node !== 'number' || resolved.node === OTHER) {
      return undefined;
    }
    return { ordinal: resolved.node, path: resolved.path };
  }

  /** The real directory that an entry named `path` (clean, not the root) goes into; made if missing. Undefined: a link cycle. */
  parentOf(path: string): Parent | undefined {
    const name = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    const known = this.#parents.get(name);
    if (known !== undefined) return known;
    const budget = { links: MAX_LINKS };
    const directory = this.#descend(ROOT, name, budget, true);
    if (typeof directory !== 'number') return undefined;
    const isReal = budget.links === MAX_LINKS;
    const found = { directory, isReal, path: isReal ? name : this.#pathOf(directory) };
    if (this.#parents.size === MAX_PARENTS) this.#parents.clear();
    this.#parents.set(name, found);
    return found;
  }

  /**
   * Puts a node in place of what was there, with all below it; a directory stays if it is one already.
   * differs: as the container runtimes unpack, also where Clair gives the layer up (clair-indexing.md#files-directories-and-links)
   */
  place(directory: Directory, base: string, node: Placed): void {
    const index = this.#nodes.find(directory, base);
    const before = index === NOTHING ? undefined : this.#nodes.value(index);
    if (before !== undefined && before <= IS_DIRECTORY) {
      if (node === DIRECTORY && before === IS_DIRECTORY) return;
      this.#parents.clear(); // they may lead through what goes now
    }
    if (node === DIRECTORY) this.#make(directory, base, index);
    else if (before === undefined) this.#nodes.add(directory, base, this.#valueOf(node));
    // What was in a directory that goes is not in what comes at its place.
    else if (before === IS_DIRECTORY) this.#nodes.supersede(index, base, this.#valueOf(node));
    else this.#nodes.replace(index, this.#valueOf(node));
  }

  /** A hard link to `target` (from the archive's root), bound to what is there now. */
  hardlink(target: string): Hardlink {
    const path = cleanPath(target);
    const found = this.at(path);
    const bound = typeof found === 'object' && found.kind === 'hardlink' ? (found.same ?? found) : found;
    const same = typeof bound === 'object' && bound.kind === 'directory' ? undefined : bound;
    const last = this.#lastLink;
    if (last?.written === target && last.node.same === same) return last.node; // a file with many names
    const node: Hardlink = { kind: 'hardlink', target: path, same };
    this.#lastLink = { written: target, node };
    return node;
  }

  /** What is at `path` (clean) itself, its parents resolved. */
  at(path: string): Node | undefined {
    if (path === '') return nodeOfDirectory(ROOT);
    const slash = path.lastIndexOf('/');
    const parent = this.#descend(ROOT, path.slice(0, Math.max(0, slash)), { links: MAX_LINKS }, false);
    return typeof parent === 'number' ? this.#get(parent, path.slice(slash + 1)) : undefined;
  }

  /** What is at `path` in the end, through all links. */
  resolve(path: string): Resolved {
    return this.#resolve(ROOT, path, { links: MAX_LINKS });
  }

  /** Of all that is in a directory. */
  namesIn({ directory }: DirectoryNode): string[] {
    return this.#nodes.namesIn(directory);
  }

  #resolve(from: Directory, path: string, budget: { links: number }): Resolved {
    const clean = path.replace(/\/+$/, '');
    const slash = clean.lastIndexOf('/');
    const base = clean.slice(slash + 1);
    const directory = slash === -1 ? from : this.#descend(from, clean.slice(0, slash), budget, false);
    if (typeof directory !== 'number') return directory;
    if (base === '' || base === '.') return this.#found(directory);
    if (base === '..') return this.#found(this.#above(directory));
    const node = this.#get(directory, base);
    return node === undefined ? undefined : this.#final(directory, base, node, budget);
  }

  #final(directory: Directory, base: string, node: Node, budget: { links: number }): Resolved {
    if (typeof node === 'number') return { node, path: joinPath(this.#pathOf(directory), base) };
    if (typeof node === 'object' && node.kind === 'directory') return this.#found(node.directory);
    if (--budget.links < 0) return 'cycle';
    if (typeof node === 'string') {
      return this.#resolve(node.startsWith('/') ? ROOT : directory, node, budget);
    }
    if (node.same !== undefined) return this.#final(directory, base, node.same, budget);
    return this.#resolve(ROOT, node.target, budget);
  }

  #found(directory: Directory): Resolved {
    return { node: nodeOfDirectory(directory), path: this.#pathOf(directory) };
  }

  /** The directory at `path`, by way of links; with `make` what is missing is made, also where a link leads nowhere. */
  #descend(
    from: Directory,
    path: string,
    budget: { links: number },
    make: boolean,
  ): Directory | 'cycle' | undefined {
    let directory = path.startsWith('/') ? ROOT : from;
    let steps = 0;
    for (let at = 0; at < path.length; steps++) {
      const slash = path.indexOf('/', at);
      const end = slash === -1 ? path.length : slash;
      const segment = path.slice(at, end);
      at = end + 1;
      if (segment === '' || segment === '.') continue;
      if (segment === '..') {
        directory = this.#above(directory);
        continue;
      }
      const index = this.#nodes.find(directory, segment);
      const value = index === NOTHING ? undefined : this.#nodes.value(index);
      const link = value !== undefined && value <= FIRST_LINK ? this.#links[FIRST_LINK - value] : undefined;
      if (value === IS_DIRECTORY) {
        directory = index;
      } else if (typeof link === 'string') {
        if (--budget.links < 0) return 'cycle';
        const target = this.#descend(directory, link, budget, make);
        if (typeof target !== 'number') return target;
        directory = target;
      } else {
        if (!make) return undefined;
        // No runtime can unpack this; showing what is below is the safe side.
        if (value !== undefined) this.#onConflict(joinPath(this.#pathOf(directory), segment));
        directory = this.#make(directory, segment, index);
      }
    }
    this.#onSteps(steps);
    return directory;
  }

  /** `index`: what was just found at its place. */
  #make(parent: Directory, base: string, index: number): Directory {
    this.#onDirectory(base);
    return index === NOTHING
      ? this.#nodes.add(parent, base, IS_DIRECTORY)
      : this.#nodes.supersede(index, base, IS_DIRECTORY);
  }

  #get(directory: Directory, base: string): Node | undefined {
    const index = this.#nodes.find(directory, base);
    if (index === NOTHING) return undefined;
    const value = this.#nodes.value(index);
    if (value === IS_DIRECTORY) return nodeOfDirectory(index);
    return value <= FIRST_LINK ? this.#links[FIRST_LINK - value] : value;
  }

  #valueOf(node: Link | number): number {
    if (typeof node === 'number') return node;
    return FIRST_LINK - (this.#links.push(node) - 1);
  }

  #above(directory: Directory): Directory {
    return directory === ROOT ? ROOT : this.#nodes.directory(directory);
  }

  #pathOf(directory: Directory): string {
    const segments: string[] = [];
    for (let at = directory; at !== ROOT; at = this.#nodes.directory(at)) segments.push(this.#nodes.name(at));
    return segments.reverse().join('/');
  }
}

function nodeOfDirectory(directory: Directory): DirectoryNode {
  return { kind: 'directory', directory };
}

/** The type of a node, as entries have it. */
export function typeOf(node: Node): EntryType {
  if (typeof node === 'number') return node === OTHER ? 'other' : 'file';
  return typeof node === 'string' ? 'symlink' : node.kind;
}
