/** Says that a layer is of Arch Linux, by os-release(5). */
import type { Detection, Detector, LayerView } from '../../contract/detector.ts';
import { parseOsRelease } from '../../formats/os/os-release.ts';
import { type Distribution, NO_DISTRIBUTION } from '../../model/package.ts';

const PLACES = ['etc/os-release', 'usr/lib/os-release']; // os-release(5): the first wins

/** The ID of os-release(5), and the key of the one scope: Arch has no releases. */
export const ARCH = 'arch';

/** As reports show it. */
export const archLinux: Distribution = {
  ...NO_DISTRIBUTION,
  did: ARCH,
  name: 'Arch Linux',
  prettyName: 'Arch Linux',
};

/** Those that are built on it have packages and versions of their own: they are not Arch. */
export const archRelease: Detector = {
  id: 'arch',
  revision: '1',
  kind: 'distribution',
  paths: PLACES,
  *read(layer: LayerView): Generator<Detection> {
    for (const path of PLACES) {
      const file = layer.file(path);
      if (file === undefined) continue;
      if (parseOsRelease(file.read().toString('utf8')).get('ID')?.toLowerCase() === ARCH)
        yield { found: 'distribution', distribution: archLinux };
      return;
    }
  },
};
