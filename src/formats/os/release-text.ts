/** The small files by which a system says what it is: os-release(5), lsb-release, and those that there were before them. */
import type { Detection, LayerView } from '../../contract/detector.ts';
import { MAX_LENGTH } from './os-release.ts';

/** The text at `path`, up to what is looked at of it; '' if there is none. */
export function releaseText(layer: Pick<LayerView, 'file'>, path: string): string {
  return layer.file(path)?.start(MAX_LENGTH).toString() ?? '';
}

/** Tells of those at `paths` that are longer than what is looked at. */
export function* longReleases(
  layer: Pick<LayerView, 'file'>,
  paths: readonly string[],
): Generator<Detection> {
  for (const path of paths) {
    const size = layer.file(path)?.size ?? 0;
    if (size <= MAX_LENGTH) continue;
    const reason = `file of ${size} bytes: those after the first ${MAX_LENGTH} are not read`;
    yield { found: 'problem', where: path, reason };
  }
}
