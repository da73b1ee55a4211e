/** For tests: a layer made of texts. */
import type { Detection, Detector, Entry, LayerFile, LayerView } from '../../contract/detector.ts';
import { layerFile } from '../../contract/layer-file.fixture.ts';

/** What `detector` finds in a layer of these regular files. Directories are those that the files are in. */
export function findIn(detector: Detector, contents: Readonly<Record<string, string | Buffer>>): Detection[] {
  const files = new Map<string, LayerFile>();
  const directories = new Set<string>();
  for (const [path, content] of Object.entries(contents)) {
    files.set(path, layerFile(path, content));
    for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1))
      directories.add(path.slice(0, slash));
  }
  const wanted = [...files.values()].filter(
    ({ path, size, mode }) =>
      detector.paths?.includes(path) || detector.wants?.({ path, size, mode, type: 'file' } satisfies Entry),
  );
  const layer: LayerView = {
    files: wanted,
    file: (path) => files.get(path),
    names: () => [],
    has: (path, type) =>
      (files.has(path) && (type ?? 'file') === 'file') ||
      (directories.has(path) && (type ?? 'directory') === 'directory'),
  };
  return [...(detector.read?.(layer) ?? [])];
}
