/** Where something is in the layers so far, and what a higher layer must have to take it away. */
import { isCovered } from '../ecosystems/coalesce.ts';
import type { LayerScan } from '../image/layer/layer-scan.ts';
import { pathDigest, readPathDigests } from '../image/layer/path-digests.ts';

/** Whether a layer has an entry, by the digest of its path. */
export type Has = (digest: number) => boolean;

/** A path, and what would take it away if a higher layer has it. */
export interface Place {
  readonly path: string;
  /** Of what would replace it. */
  readonly digests: readonly number[];
}

/** What the folders of a path are: directories, made for a file or by an entry, or links to somewhere. */
export class Places {
  readonly #layers: { readonly has: Has; readonly removed: ReadonlySet<string> }[] = [];
  #known = new Map<string, number | undefined>();

  /** The next layer upwards; tells what it has. */
  enter({ whiteouts, paths }: LayerScan): Has {
    let read: Has | undefined;
    const has: Has = (digest) => (read ??= readPathDigests(paths))(digest);
    this.#layers.push({ has, removed: new Set(whiteouts) });
    this.#known = new Map();
    return has;
  }

  /** A file of the layer that was entered last: anything in its place takes it away. */
  ofFile(path: string): Place {
    return { path, digests: [pathDigest(path), pathDigest(`${path}/`), ...this.#foldersOf(path)] };
  }

  /** The same of what is still there if its own file is replaced. */
  inFolder(path: string): Place {
    return { path, digests: this.#foldersOf(path) };
  }

  /** What would replace the directories of `path`. Where one is a link, what is behind it is not lost with the link. */
  #foldersOf(path: string): number[] {
    const digests: number[] = [];
    for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
      const folder = path.slice(0, slash);
      if (!this.#known.has(folder)) {
        this.#known.set(folder, this.#isDirectory(folder) ? pathDigest(folder) : undefined);
      }
      const digest = this.#known.get(folder);
      if (digest !== undefined) digests.push(digest);
    }
    return digests;
  }

  /** What the highest layer says that says anything of it; if none does, it was made for its files. */
  #isDirectory(folder: string): boolean {
    const [asDirectory, asOther] = [pathDigest(`${folder}/`), pathDigest(folder)];
    for (let index = this.#layers.length - 1; index >= 0; index--) {
      const { has, removed } = this.#layers[index]!;
      if (has(asDirectory)) return true;
      if (has(asOther)) return false;
      if (removed.size > 0 && isCovered(folder, removed)) return true;
    }
    return true;
  }
}
