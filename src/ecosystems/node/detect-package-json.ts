/**
 * The detector of installed npm packages: `package.json` at the root of a package below `node_modules`, and of one that was
 * unpacked elsewhere.
 */

import type { Detection, Detector, LayerFile, LayerView } from '../../contract/detector.ts';
import { messageOf } from '../../errors.ts';
import type { Repository } from '../../model/package.ts';
import { folderOf, inFolders } from '../package-folders.ts';
import { packageAt, readManifest } from './package-manifest.ts';

/** What a report says of where npm packages come from. */
export const NPM: Repository = { name: 'npm', uri: 'https://www.npmjs.com/' };

/** Clair's `nodejs`. */
export const installedPackages: Detector = {
  id: 'nodejs',
  revision: '7',
  kind: 'package',
  wants: ({ path, type }) =>
    (type === 'file' || type === 'hardlink') && (isPackageRoot(path) || isOutside(path)),
  read: readLayer,
  // An application's own folder may hold anything: only what was installed as a package is taken for one.
  brings: (_layer, paths, packages) =>
    inFolders(
      paths,
      new Set(
        [...packages]
          .filter((path) => isPackageRoot(path) || versionInName(path))
          .map((path) => folderOf(path)),
      ),
      (name) => name === 'node_modules',
    ),
};

/** Directories of a package that hold samples of packages, which nothing can load. */
const SAMPLES = new Set(['test', 'tests', '__tests__', 'fixtures', '__fixtures__']);

/**
 * Whether `path` is the package.json of an installed package: directly in `node_modules/<name>/` or
 * `node_modules/@<scope>/<name>/`, however deep that node_modules is, but not among another package's test data.
 */
// differs: a package.json further down in a package (test data, `esm/package.json`) is no package (clair-indexing.md#npm-packages)
export function isPackageRoot(path: string): boolean {
  if (!path.endsWith('/package.json')) return false;
  const [, ...installed] = `/${path}`.split('/node_modules/');
  const last = installed.pop();
  if (last === undefined || !/^(?:@[^/]+\/)?[^@./][^/]*\/package\.json$/.test(last)) return false;
  return installed.every((inside) => {
    const segments = inside.split('/');
    return !segments.slice(inside.startsWith('@') ? 2 : 1).some((segment) => SAMPLES.has(segment));
  });
}

/** Whether it is a package.json that is in no node_modules, nor among test data. */
function isOutside(path: string): boolean {
  if (!path.endsWith('/package.json')) return false;
  return !path.split('/').some((segment) => segment === 'node_modules' || SAMPLES.has(segment));
}

/** Name of a folder that says which version is in it: `yarn-v1.22.19`, `5.8.0`. */
const VERSIONED = /^(?:.+[-@_])?v?(\d+\.\d+\.\d+(?:[-+][\w.+-]+)?)$/;

/**
 * Whether a package outside of node_modules was installed there, and is no source of somebody's: its folder is called by
 * its version, as archives of releases unpack, or has what it depends on, or a node_modules leads to it. npm publishes nothing that is private.
 */
// differs: such applications, `/opt/yarn-v1.22.19`, are packages too (clair-indexing.md#npm-packages)
function isInstalled(layer: LayerView, file: LayerFile, { name, version, isPrivate }: Manifest): boolean {
  if (isPackageRoot(file.path)) return true;
  if (isPrivate) return false;
  if (versionInName(file.path) === version) return true;
  return layer.has(`${folderOf(file.path)}/node_modules`, 'directory') || isLinked(layer, file, name);
}

/** Where `npm link` and `npm install --global FOLDER` put links. */
const GLOBAL = ['usr/local/lib', 'usr/lib'];

/** npm-workspaces(7): packages of a project are links in its node_modules, which is in a folder above them. */
function isLinked(layer: LayerView, file: LayerFile, name: string): boolean {
  const places = [...GLOBAL];
  for (let folder = folderOf(file.path); folder !== ''; ) {
    folder = folderOf(folder);
    places.push(folder);
  }
  return places.some((place) => {
    const installed = `${place === '' ? '' : `${place}/`}node_modules/${name}/package.json`;
    return layer.file(installed) === file;
  });
}

/** Of a package that was published, or may have been. */
interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly isPrivate: boolean;
}

function versionInName(path: string): string | undefined {
  return VERSIONED.exec(path.split('/').at(-2) ?? '')?.[1];
}

function* readLayer(layer: LayerView): Generator<Detection> {
  let any = false;
  for (const file of layer.files) {
    try {
      const found = packageOf(layer, file);
      if (found === undefined) continue;
      any = true;
      yield found;
    } catch (error) {
      const isPackage = isPackageRoot(file.path) || versionInName(file.path) !== undefined;
      // Elsewhere it may be anything of that name.
      if (isPackage) yield { found: 'problem', where: file.path, reason: messageOf(error) };
    }
  }
  if (any) yield { found: 'repository', repository: NPM };
}

/**
 * undefined: it is no installed package, or nothing that was published, which has a name and a version. Throws if it cannot be read, or
 * is an installed package without them that is not private, as those of workspaces are.
 */
function packageOf(layer: LayerView, file: LayerFile): Detection | undefined {
  const { name, version, isPrivate } = readManifest(file.read());
  if (name === undefined || version === undefined) {
    if (isPackageRoot(file.path) && !isPrivate)
      throw new Error('an installed package without name or version');
    return undefined;
  }
  if (!isInstalled(layer, file, { name, version, isPrivate })) return undefined;
  return packageAt(file.path, name, version);
}
