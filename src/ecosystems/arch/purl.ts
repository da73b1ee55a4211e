/** Packages of pacman as package URLs. */
import type { PurlMapping } from '../../contract/purl-mapping.ts';
import { osPurl } from '../../formats/purl/os.ts';
import { archLinux } from './release.ts';

/** `pkg:alpm/arch/…`; `archlinux` is what some tools call the distribution. */
export const purl: PurlMapping = osPurl({
  type: 'alpm',
  distribution: (id) => (isArch(id) ? archLinux : undefined),
  isRolling: isArch,
});

function isArch(id: string): boolean {
  return /^arch(linux)?$/i.test(id);
}
