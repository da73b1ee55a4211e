/** What one detector sees of a layer: the files that it wanted, by its names for them, and what else is where. */
import type { LayerFile, LayerView } from '../../contract/detector.ts';
import { byteOrder } from '../tar/clean-path.ts';
import type { DetectorRun } from './detector-run.ts';
import type { LayerContents } from './layer-contents.ts';
import { type LayerTree, type PlacedFile, typeOf } from './layer-tree.ts';

/** `files`: path as `run` knows it -> file. A content that could not be kept becomes a problem of `run`. */
export function layerView(
  run: DetectorRun,
  files: ReadonlyMap<string, PlacedFile>,
  contents: LayerContents,
  tree: LayerTree,
): LayerView {
  const byPath = new Map<string, LayerFile>();
  const byOrdinal = new Map<number, LayerFile>();
  for (const [path, { ordinal }] of files) {
    const content = contents.at(ordinal);
    if (typeof content === 'string') run.problem(path, content);
    if (typeof content !== 'object') continue;
    const { size, mode } = content;
    const file: LayerFile = { path, size, mode, read: () => content.read() };
    byPath.set(path, file);
    byOrdinal.set(ordinal, file);
  }
  return {
    files: [...byPath.values()].sort((a, b) => byteOrder(a.path, b.path)),
    file(path) {
      const direct = byPath.get(path);
      if (direct !== undefined) return direct;
      const linked = tree.fileAt(path);
      return linked && byOrdinal.get(linked.ordinal);
    },
    has(path, type) {
      if (type === 'symlink' || type === 'hardlink') {
        const node = tree.at(path);
        return node !== undefined && typeOf(node) === type;
      }
      const resolved = tree.resolve(path);
      return typeof resolved === 'object' && (type === undefined || typeOf(resolved.node) === type);
    },
  };
}
