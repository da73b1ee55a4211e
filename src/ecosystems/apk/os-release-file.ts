/** The os-release(5) file of a layer. */

import type { LayerView } from '../../contract/detector.ts';
import { parseOsRelease } from '../../formats/os/os-release.ts';
import { releaseText } from '../../formats/os/release-text.ts';

/** Where it may be; etc/ takes precedence over usr/lib/. */
export const OS_RELEASE = ['etc/os-release', 'usr/lib/os-release'];

/** The first that says what it is of. */
export function osReleaseOf(
  layer: LayerView,
): { path: string; id: string; values: ReadonlyMap<string, string> } | undefined {
  for (const path of OS_RELEASE) {
    const values = parseOsRelease(releaseText(layer, path));
    const id = values.get('ID');
    if (id !== undefined) return { path, id: id.toLowerCase(), values };
  }
  return undefined;
}
