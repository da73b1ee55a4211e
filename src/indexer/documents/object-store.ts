/** A store of objects: bytes by key. */
export interface ObjectStore {
  /** Where it is, for messages; without credentials. */
  readonly place: string;
  put(key: string, bytes: Buffer): Promise<void>;
  /** undefined: there is no such object. Throws if it has more than `limit` bytes. */
  get(key: string, limit: number): Promise<Buffer | undefined>;
  /** An object that is not there is deleted. */
  delete(key: string): Promise<void>;
}
