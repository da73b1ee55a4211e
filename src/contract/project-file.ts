/**
 * A file in folders of sources that says what a project needs, and not in which version: what a lock file is made from. Without one
 * nobody knows what will be installed.
 */
export interface ProjectFile {
  /** Of the path. */
  readonly is: RegExp;
  /** Whether `text` needs packages of others. Throws if it cannot be told. */
  readonly needs: (text: string) => boolean;
  /** Of base names: the lists that are read for it, and folders of what is installed; in its folder or above. Default: none is read. */
  readonly locked?: RegExp;
}
