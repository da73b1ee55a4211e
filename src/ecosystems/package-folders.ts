/** Files in the folders of packages, for packages that are folders: whose they are in the ledger. */

/**
 * Those of `paths` that are in one of `folders` or below. `border` is asked of the folders on the way up, by their names:
 * what is behind one belongs to nobody further up.
 */
export function* inFolders(
  paths: Iterable<string>,
  folders: ReadonlySet<string>,
  border: (name: string) => boolean = () => false,
): Generator<string> {
  if (folders.size === 0) return;
  for (const path of paths) {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const folder = path.slice(0, end);
      if (folders.has(folder)) {
        yield path;
        break;
      }
      if (border(folder.slice(folder.lastIndexOf('/') + 1))) break;
    }
  }
}

/** The folder that `path` is in, `up` folders further up; '' is the root. */
export function folderOf(path: string, up = 0): string {
  const folder = path.slice(0, Math.max(0, path.lastIndexOf('/')));
  return up === 0 ? folder : folderOf(folder, up - 1);
}
