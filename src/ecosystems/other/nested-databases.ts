/**
 * Databases of packages in root file systems below the image's own: a chroot, a guest, the layers of an image within. Those of
 * apk are not read, nor those of dpkg without its files beside it. The others count as the image's own, whatever release it is.
 */
import type { Detection, LayerFile, LayerView } from '../../contract/detector.ts';

/** The root file system, and where in it the database is. */
const NESTED =
  /^(.+)\/(?:var\/lib\/dpkg\/status|(?:usr\/)?lib\/apk\/db\/installed|var\/lib\/rpm\/(?:rpmdb\.sqlite|Packages(?:\.db)?))$/s;
const RELEASES = ['etc/os-release', 'usr/lib/os-release'];

export function isNestedDatabase(path: string): boolean {
  return rootOf(path) !== undefined;
}

/** What is told of such a file: nothing if it is empty, or if it is read and its root file system names no distribution. */
export function* nestedDatabase(layer: LayerView, { path, size }: LayerFile): Generator<Detection> {
  if (size === 0) return;
  if (!isRead(layer, path)) {
    const reason = 'a package database of a root file system within the image: it is not read';
    yield { found: 'problem', where: path, reason, kind: 'unread-inventory' };
    return;
  }
  const release = RELEASES.map((each) => `${rootOf(path)}/${each}`).find((each) => layer.has(each));
  if (release === undefined) return;
  const reason = `names the distribution of a root file system within the image, whose packages are checked as the image's own`;
  yield { found: 'problem', where: release, reason };
}

/** `usr/lib/apk` is that of the image itself. */
function rootOf(path: string): string | undefined {
  const [, root] = NESTED.exec(path) ?? [];
  return root === 'usr' ? undefined : root;
}

/** Whether the detector of rpm or dpkg reads it, as that of Clair does. */
function isRead(layer: LayerView, path: string): boolean {
  if (!path.endsWith('/status')) return path.includes('/lib/rpm/');
  return layer.has(path.replace(/status$/, 'info'), 'directory');
}
