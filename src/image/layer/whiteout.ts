/** Whiteouts of a layer (OCI image-spec, layer.md): entries that remove what lower layers have. */

/**
 * What the entry `base` (it starts with `.wh.`) in `directory` removes: the path, or `dir/` for all that a directory had
 * below (the root: `/`). Undefined: nothing.
 */
export function whiteoutOf(directory: string, base: string): string | undefined {
  if (base === '.wh..wh..opq') return `${directory}/`;
  // AUFS' own bookkeeping; runtimes skip it.
  if (base.startsWith('.wh..wh.')) return undefined;
  const name = base.slice('.wh.'.length);
  // differs: a bare `.wh.` removes nothing (clair-indexing.md#whiteouts); neither does one that names no file
  if (name === '' || name === '.' || name === '..') return undefined;
  return directory === '' ? name : `${directory}/${name}`;
}
