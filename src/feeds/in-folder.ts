/** URLs below a configured folder. */

/** `path` below `folder`, whether that was written with a slash at its end or not. */
export function inFolder(folder: string, path: string): string {
  return new URL(path, folder.endsWith('/') ? folder : `${folder}/`).href;
}
