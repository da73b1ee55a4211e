/** For tests of detectors that read kept files. */
import type { Detection, Detector } from '../contract/detector.ts';

/** What `detector` says of these files, by path. */
export function readFiles(
  detector: Detector,
  contents: Readonly<Record<string, string | Buffer>>,
): Detection[] {
  const files = Object.entries(contents).map(([path, text]) => ({
    path,
    size: Buffer.byteLength(text),
    mode: 0o644,
    read: () => Buffer.from(text),
  }));
  return [...(detector.read?.({ files, file: () => undefined, has: () => false }) ?? [])];
}
