/** The ledger of an image from those of its layers: what is removed or replaced by a higher layer is not in it. */
import { isCovered } from '../ecosystems/coalesce.ts';
import { type AccountedFolder, inFolder } from '../image/layer/layer-accounts.ts';
import type { LayerScan } from '../image/layer/layer-scan.ts';
import { pathDigest, pathDigests } from '../image/layer/path-digests.ts';
import type { Digest } from '../model/digest.ts';
import {
  ACCOUNT_NAMES,
  type Account,
  type AccountTotal,
  type Ledger,
  MAX_UNACCOUNTED,
  type UnaccountedFile,
} from '../model/ledger.ts';
import { Places } from './places.ts';

type StandingFile = Omit<UnaccountedFile, 'path'> & { readonly account: Account };

/** A folder of the image with its files by name. */
interface Folder {
  readonly path: string;
  readonly files: Map<string, StandingFile>;
}

/** `layers` from the base upwards. */
export function mergeLedger(layers: readonly LayerScan[]): Ledger {
  const standing = new Standing();
  for (const [index, layer] of layers.entries()) {
    standing.enter(layer);
    const isHighest = index === layers.length - 1;
    for (const folder of layer.runnable) standing.add(folder, layer.layer, isHighest);
  }
  return ledgerOf(standing.folders());
}

class Standing {
  readonly #places = new Places();
  readonly #folders = new Map<string, Folder>();
  /** What of a higher layer takes files away, by the digest of its path: one file, or all of some folders. */
  readonly #files = new Map<number, { readonly folder: Folder; readonly name: string }>();
  readonly #above = new Map<number, Set<Folder>>();

  /** Takes away what `layer` removes or has something in place of. */
  enter(layer: LayerScan): void {
    this.#places.enter(layer);
    if (layer.whiteouts.length > 0) this.#remove(new Set(layer.whiteouts));
    if (this.#folders.size === 0) return;
    for (const digest of pathDigests(layer.paths)) {
      const file = this.#files.get(digest);
      if (file !== undefined) file.folder.files.delete(file.name);
      for (const folder of this.#above.get(digest) ?? []) folder.files.clear();
    }
  }

  /** Adds the files of a folder of the layer that was entered last. From the highest nothing is taken away. */
  add(row: AccountedFolder, layer: Digest, isHighest: boolean): void {
    const [path] = row;
    let folder = this.#folders.get(path);
    if (folder === undefined) this.#folders.set(path, (folder = { path, files: new Map() }));
    for (const digest of isHighest ? [] : this.#places.inFolder(`${path}/-`).digests) {
      const below = this.#above.get(digest) ?? new Set();
      this.#above.set(digest, below.add(folder));
    }
    for (const { name, ...file } of inFolder(row)) {
      folder.files.set(name, { ...file, layer });
      if (isHighest) continue;
      const whole = path === '' ? name : `${path}/${name}`;
      // A directory in place of a file takes it away as well.
      for (const digest of [pathDigest(whole), pathDigest(`${whole}/`)])
        this.#files.set(digest, { folder, name });
    }
  }

  folders(): Iterable<Folder> {
    return this.#folders.values();
  }

  #remove(removed: ReadonlySet<string>): void {
    for (const { path, files } of this.#folders.values()) {
      if (path !== '' && isCovered(`${path}/-`, removed)) files.clear();
      else if (removed.has('/')) files.clear();
      else
        for (const name of files.keys())
          if (removed.has(path === '' ? name : `${path}/${name}`)) files.delete(name);
    }
  }
}

function ledgerOf(folders: Iterable<Folder>): Ledger {
  const totals = new Map<Account, AccountTotal>(ACCOUNT_NAMES.map((name) => [name, { files: 0, bytes: 0 }]));
  const unaccounted: UnaccountedFile[] = [];
  for (const { path, files } of folders) {
    for (const [name, { account, ...file }] of files) {
      const { files: count, bytes } = totals.get(account)!;
      totals.set(account, { files: count + 1, bytes: bytes + file.size });
      if (account === 'unaccounted')
        unaccounted.push({ path: path === '' ? name : `${path}/${name}`, ...file });
    }
  }
  unaccounted.sort((a, b) => b.size - a.size || (a.path < b.path ? -1 : 1));
  return {
    accounts: Object.fromEntries(totals) as Record<Account, AccountTotal>,
    unaccounted: unaccounted.slice(0, MAX_UNACCOUNTED),
  };
}
