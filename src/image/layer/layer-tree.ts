/**
 * What a layer has at which path, with links resolved as a container would. Plain files are only numbers (their ordinal
 * among the entries): a layer may have a million of them.
 */
import type { EntryType } from '../../contract/detector.ts';
import { cleanPath } from '../tar/clean-path.ts';
import { Directory, type Hardlink, join, type Node } from './directory.ts';

/** What an entry puts into the tree. */
export type Placed = Exclude<Node, Directory> | typeof DIRECTORY;

export const DIRECTORY = Symbol('directory');

/** The node of what is no file, directory or link. */
export const OTHER = -1;

/** As Linux: more is taken for a cycle. */
const MAX_LINKS = 40;

export type Resolved =
  | { readonly node: Directory | number; readonly path: string }
  /** The links go in circles. */
  | 'cycle'
  /** Nothing there. */
  | undefined;

export interface PlacedFile {
  readonly ordinal: number;
  readonly path: string;
}

export class LayerTree {
  readonly #root = new Directory('', undefined);
  readonly #onDirectory: (base: string) => void;
  readonly #onSteps: (steps: number) => void;
  readonly #onConflict: (path: string) => void;
  #lastParent = '';
  #lastDirectory: Directory | undefined;
  #lastPath: { readonly directory: Directory; readonly path: string } | undefined;
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
  parentOf(path: string): Directory | undefined {
    const slash = path.lastIndexOf('/');
    if (slash === -1) return this.#root;
    const parent = path.slice(0, slash);
    if (parent === this.#lastParent && this.#lastDirectory !== undefined) return this.#lastDirectory;
    const directory = this.#descend(this.#root, parent, { links: MAX_LINKS }, true);
    if (directory === 'cycle' || directory === undefined) return undefined;
    this.#lastParent = parent;
    this.#lastDirectory = directory;
    return directory;
  }

  /**
   * Puts a node in place of what was there, with all below it; a directory stays if it is one already.
   * differs: as the container runtimes unpack, also where Clair gives the layer up (clair-indexing.md#files-directories-and-links)
   */
  place(directory: Directory, base: string, node: Placed): void {
    const name = detach(base); // once: a slice costs more to look up, too
    const before = directory.get(name);
    if (typeof before === 'object' || typeof before === 'string') {
      if (node === DIRECTORY && typeof before === 'object' && before.kind === 'directory') return;
      this.#lastDirectory = undefined; // it may lead through what goes now
    }
    if (node === DIRECTORY) this.#make(directory, name);
    else directory.set(name, node);
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

  /** The path of `directory`: entries of one come after each other. */
  pathOf(directory: Directory): string {
    if (this.#lastPath?.directory !== directory) this.#lastPath = { directory, path: directory.path() };
    return this.#lastPath.path;
  }

  /** What is at `path` (clean) itself, its parents resolved. */
  at(path: string): Node | undefined {
    if (path === '') return this.#root;
    const slash = path.lastIndexOf('/');
    const parent = this.#descend(
      this.#root,
      slash === -1 ? '' : path.slice(0, slash),
      { links: MAX_LINKS },
      false,
    );
    return typeof parent === 'object' ? parent.get(path.slice(slash + 1)) : undefined;
  }

  /** What is at `path` in the end, through all links. */
  resolve(path: string): Resolved {
    return this.#resolve(this.#root, path, { links: MAX_LINKS });
  }

  #resolve(from: Directory, path: string, budget: { links: number }): Resolved {
    const clean = path.replace(/\/+$/, '');
    const slash = clean.lastIndexOf('/');
    const base = clean.slice(slash + 1);
    const directory = slash === -1 ? from : this.#descend(from, clean.slice(0, slash), budget, false);
    if (typeof directory !== 'object') return directory;
    if (base === '' || base === '.') return { node: directory, path: directory.path() };
    if (base === '..') {
      const up = directory.parent ?? directory;
      return { node: up, path: up.path() };
    }
    const node = directory.get(base);
    return node === undefined ? undefined : this.#final(directory, base, node, budget);
  }

  #final(directory: Directory, base: string, node: Node, budget: { links: number }): Resolved {
    if (typeof node === 'number') return { node, path: join(directory.path(), base) };
    if (typeof node === 'object' && node.kind === 'directory') return { node, path: node.path() };
    if (--budget.links < 0) return 'cycle';
    if (typeof node === 'string') {
      return this.#resolve(node.startsWith('/') ? this.#root : directory, node, budget);
    }
    if (node.same !== undefined) return this.#final(directory, base, node.same, budget);
    return this.#resolve(this.#root, node.target, budget);
  }

  /** The directory at `path`, by way of links; with `make` what is missing is made, also where a link leads nowhere. */
  #descend(
    from: Directory,
    path: string,
    budget: { links: number },
    make: boolean,
  ): Directory | 'cycle' | undefined {
    let directory = path.startsWith('/') ? this.#root : from;
    let steps = 0;
    for (let at = 0; at < path.length; steps++) {
      const slash = path.indexOf('/', at);
      const end = slash === -1 ? path.length : slash;
      const segment = path.slice(at, end);
      at = end + 1;
      if (segment === '' || segment === '.') continue;
      if (segment === '..') {
        directory = directory.parent ?? directory;
        continue;
      }
      const node = directory.get(segment);
      if (typeof node === 'object' && node.kind === 'directory') {
        directory = node;
      } else if (typeof node === 'string') {
        if (--budget.links < 0) return 'cycle';
        const target = this.#descend(directory, node, budget, make);
        if (typeof target !== 'object') return target;
        directory = target;
      } else {
        if (!make) return undefined;
        // No runtime can unpack this; showing what is below is the safe side.
        if (node !== undefined) this.#onConflict(join(directory.path(), segment));
        directory = this.#make(directory, detach(segment));
      }
    }
    this.#onSteps(steps);
    return directory;
  }

  #make(parent: Directory, base: string): Directory {
    this.#onDirectory(base);
    const made = new Directory(base, parent);
    parent.set(base, made);
    return made;
  }
}

/** The type of a node, as entries have it. */
export function typeOf(node: Node): EntryType {
  if (typeof node === 'number') return node === OTHER ? 'other' : 'file';
  return typeof node === 'string' ? 'symlink' : node.kind;
}

const SCRATCH = Buffer.allocUnsafeSlow(16 * 1024);

// A slice of a string keeps the whole string alive, and there is one key for each file.
function detach(text: string): string {
  if (text.length < 13 || text.length * 3 > SCRATCH.length) return text;
  return SCRATCH.toString('utf8', 0, SCRATCH.write(text));
}
