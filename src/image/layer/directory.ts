/** A directory of a layer. There may be millions: one that has no more than one child takes a hundred bytes. */

/** `same`: the node that it was made a second name of; undefined while there was none. */
export interface Hardlink {
  readonly kind: 'hardlink';
  readonly target: string;
  readonly same: Node | undefined;
}

/** The ordinal of a file, or `OTHER` for devices and the like; the target of a symbolic link. */
export type Node = Directory | Hardlink | number | string;

export class Directory {
  readonly base: string;
  readonly parent: Directory | undefined;
  // The first child; the others are in a map, once there are some.
  #first: string | undefined;
  #node: Node | undefined;
  #others: Map<string, Node> | undefined;

  constructor(base: string, parent: Directory | undefined) {
    this.base = base;
    this.parent = parent;
  }

  get kind(): 'directory' {
    return 'directory';
  }

  /** Its path; '' is the root. */
  path(): string {
    const segments: string[] = [];
    for (let at: Directory = this; at.parent !== undefined; at = at.parent) segments.push(at.base);
    return segments.reverse().join('/');
  }

  get(base: string): Node | undefined {
    return base === this.#first ? this.#node : this.#others?.get(base);
  }

  /** Of all that is in it. */
  names(): string[] {
    return [...(this.#first === undefined ? [] : [this.#first]), ...(this.#others?.keys() ?? [])];
  }

  set(base: string, node: Node): void {
    if (this.#first === undefined || this.#first === base) {
      this.#first = base;
      this.#node = node;
    } else {
      this.#others ??= new Map();
      this.#others.set(base, node);
    }
  }
}

/** The path of `base` in the directory at `folder`. */
export function join(folder: string, base: string): string {
  return folder === '' ? base : `${folder}/${base}`;
}
