/**
 * Finds kernels of Linux and their modules. Those that the packages of a distribution own are the distribution's; advisories of
 * no feed say which versions of the others are affected, as builds have patches of their own.
 */
import type { Detection, Detector, LayerFile, LayerView } from '../../contract/detector.ts';
import { identifierOf } from '../../formats/json/file.ts';

/** `boot/vmlinuz-6.1.0-18-amd64`, `usr/lib/modules/6.1.0/vmlinuz`. */
const KERNEL =
  /(?:^|\/)(?:boot|lib\/modules\/[^/]+)\/(?:vmlinu[xz]|bzImage|zImage|Image|kernel)(?:[-.][^/]*)?$/;
const MODULES = ['usr/lib/modules', 'lib/modules'];
/** Folders with names such as `6.1.0-18-amd64`. */
const RELEASE = /^\d+\.\d+/;
const MODULE = /\.ko(?:\.(?:xz|zst|gz))?$/;
const MAX_FOLDERS = 5000;

// differs: a detector that Clair does not have: kernels of Linux and their modules
export const kernels: Detector = {
  id: 'linux-kernel',
  revision: '1',
  kind: 'package',
  account: 'inventory',
  wants: ({ path, type }) => type === 'file' && KERNEL.test(path),
  *read(layer) {
    for (const file of layer.files) if (KERNEL.test(file.path)) yield kernelIn(file);
    yield* modulesIn(layer);
  },
};

function kernelIn(file: LayerFile): Detection {
  const { path } = file;
  const version = identifierOf(versionIn(file) ?? releaseIn(path));
  if (version !== undefined) return found('linux', version, path);
  const reason = 'a kernel of Linux whose version cannot be determined';
  return { found: 'problem', where: path, reason, kind: 'unchecked-program' };
}

function found(name: string, version: string, path: string): Detection {
  const database = `linux-kernel:${path}`;
  return { found: 'package', package: { name, version, kind: 'binary', database, path } };
}

/** kernel.org, "The Linux/x86 Boot Protocol": from 512 bytes on, where a text lies that begins with the release. */
function versionIn(file: LayerFile): string | undefined {
  const header = file.start(0x210);
  if (header.length < 0x210 || header.toString('latin1', 0x202, 0x206) !== 'HdrS') return undefined;
  const text = file.part(header.readUInt16LE(0x20e) + 0x200, 128).toString('latin1');
  return /^\d[^\s\0]*/.exec(text)?.[0];
}

/** The release in the name of the file, or of its folder. */
function releaseIn(path: string): string | undefined {
  const [, release] = /(?:\/[a-zA-Z]+-|\/modules\/)(\d+\.\d[^/]*?)(?:\.gz|\/[^/]*)?$/.exec(path) ?? [];
  return release;
}

/** One for each release and kind of modules (`kernel`, `updates`, `extra`), at the first of them. */
function* modulesIn(layer: LayerView): Generator<Detection> {
  const seen = new Set<string>();
  for (const folder of MODULES)
    for (const release of layer.names(folder).filter((name) => RELEASE.test(name)))
      for (const part of layer.names(`${folder}/${release}`)) {
        const path = firstModule(layer, `${folder}/${release}/${part}`);
        const version = identifierOf(release);
        if (path === undefined || version === undefined || seen.has(`${release}/${part}`)) continue;
        // One folder may be a link to the other.
        seen.add(`${release}/${part}`);
        yield found(`linux-modules-${part.replace(MODULE, '')}`, version, path);
      }
}

function firstModule(layer: LayerView, root: string): string | undefined {
  const waiting = [root];
  for (let looked = 0; looked < MAX_FOLDERS; looked++) {
    const path = waiting.pop();
    if (path === undefined) return undefined;
    if (MODULE.test(path) && layer.has(path, 'file')) return path;
    if (layer.has(path, 'directory'))
      waiting.push(
        ...layer
          .names(path)
          .map((name) => `${path}/${name}`)
          .reverse(),
      );
  }
  return undefined;
}
