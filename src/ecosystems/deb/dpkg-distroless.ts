/** Finds the packages of distroless images: one file a package in `status.d`, written by the image's builder. */
import type { Detection, Detector, Entry, LayerView } from '../../contract/detector.ts';
import { ownedByDistroless } from './owned-files.ts';
import { packageOf, readStatus } from './status.ts';

const PACKAGE_FILE = /(?:^|\/)status\.d\/[^/]+$/;

/** The detector `dpkg-distroless` of Clair. */
// differs: `Source: name (version)` is read as such, and a package without it is its own source (clair-indexing.md#sources-of-packages)
export const dpkgDistroless: Detector = {
  id: 'dpkg-distroless',
  revision: '3',
  kind: 'package',
  wants: ({ path, type }: Entry) => type !== 'directory' && type !== 'other' && PACKAGE_FILE.test(path),
  *read(layer: LayerView): Generator<Detection> {
    for (const file of layer.files) {
      if (file.path.endsWith('.md5sums')) continue;
      yield* readStatus(file, { skipsVcpkg: false, endsLines: false, read: packageOf });
    }
  },
  owns: ownedByDistroless,
};
