/** Blobs of servers that give no parts of them: kept whole, as long as they are not too big for it. */

/** Bytes of one. */
const LIMIT = 256 * 1024 ** 2;

export interface WholeBlobs {
  get(digest: string): Promise<Buffer> | undefined;
  /** Keeps what `load` gives; `limit` is for it to heed. What fails is forgotten. */
  keep(digest: string, load: (limit: number) => Promise<Buffer>): Promise<Buffer>;
}

export function wholeBlobs(): WholeBlobs {
  const known = new Map<string, Promise<Buffer>>();
  return {
    get: (digest) => known.get(digest),
    keep(digest, load) {
      const loading = load(LIMIT);
      known.clear(); // one at a time: layers come one after another
      known.set(digest, loading);
      loading.catch(() => known.delete(digest));
      return loading;
    },
  };
}
