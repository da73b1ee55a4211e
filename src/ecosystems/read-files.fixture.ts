/** For tests of detectors that read kept files. */
import type { Detection, Detector } from '../contract/detector.ts';
import { layerFile } from '../contract/layer-file.fixture.ts';

/** What `detector` says of these files, by path. */
export function readFiles(
  detector: Detector,
  contents: Readonly<Record<string, string | Buffer>>,
): Detection[] {
  const files = Object.entries(contents).map(([path, text]) => layerFile(path, text));
  return [...(detector.read?.({ files, file: () => undefined, has: () => false, names: () => [] }) ?? [])];
}
