/** The detector of installed Python distributions: wheels (`.dist-info`) and eggs (`.egg-info`, `.egg`). */

import type {
  DetectedPackage,
  Detection,
  Detector,
  Entry,
  LayerFile,
  LayerView,
} from '../../contract/detector.ts';
import { messageOf } from '../../errors.ts';
import type { Repository } from '../../model/package.ts';
import { readMetadata } from './metadata.ts';
import { normalizedPep440, parsePep440, publicVersion } from './version.ts';

/** What a report says of where Python packages come from. */
export const PYPI: Repository = { name: 'pypi', uri: 'https://pypi.org/simple' };

const METADATA = /(?:\.egg\/EGG-INFO\/PKG-INFO|\.egg-info|\.egg-info\/PKG-INFO|\.dist-info\/METADATA)$/;
const INSTALLER = /\.dist-info\/INSTALLER$/;

const RPM_DATABASES = ['var/lib/rpm/Packages', 'var/lib/rpm/rpmdb.sqlite', 'var/lib/rpm/Packages.db'];
const RPM_OWNED = /^usr\/lib[^/]*\/python[23]\.[^/]*\//;
const DPKG_DATABASE = 'var/lib/dpkg/status';
const DPKG_OWNED = /^usr\/lib[^/]*\/python[23]\//;

/** Recording installed projects, "The INSTALLER file": what package managers of distributions write there. */
// differs: also the `debian` of dh_python3, and in any case of letters (clair-indexing.md#python-packages)
const OS_INSTALLERS = ['rpm', 'dpkg', 'apk', 'debian'];

/** Clair's `python`. */
export const installedDistributions: Detector = {
  id: 'python',
  revision: '5',
  kind: 'package',
  wants: isWanted,
  read: readLayer,
};

function isWanted({ path, type }: Entry): boolean {
  if (type !== 'file' && type !== 'hardlink') return false;
  if (!METADATA.test(path) && !INSTALLER.test(path)) return false;
  return !path.slice(path.lastIndexOf('/') + 1).startsWith('.wh.');
}

function* readLayer(layer: LayerView): Generator<Detection> {
  const owned = ownedByOs(layer);
  let any = false;
  for (const file of layer.files) {
    if (!METADATA.test(file.path) || owned?.test(file.path)) continue;
    try {
      if (installedByOs(layer, file.path)) continue;
      const found = packageOf(file);
      any ||= found.found === 'package';
      yield found;
    } catch (error) {
      yield { found: 'problem', where: file.path, reason: messageOf(error) };
    }
  }
  if (any) yield { found: 'repository', repository: PYPI };
}

/** Where the distribution's own packages are: its advisories speak for them, with its versions. */
function ownedByOs(layer: LayerView): RegExp | undefined {
  if (RPM_DATABASES.some((path) => layer.has(path))) return RPM_OWNED;
  return layer.has(DPKG_DATABASE) ? DPKG_OWNED : undefined;
}

function installedByOs(layer: LayerView, path: string): boolean {
  if (!path.endsWith('.dist-info/METADATA')) return false;
  const installer = layer.file(`${parentOf(path)}/INSTALLER`);
  return installer !== undefined && OS_INSTALLERS.includes(installer.read().toString().trim().toLowerCase());
}

function packageOf(file: LayerFile): Detection {
  const metadata = readMetadata(file.read());
  if (metadata === undefined) {
    return { found: 'problem', where: file.path, reason: 'no Name and Version that can be read' };
  }
  const version = parsePep440(metadata.version);
  const isFile = file.path.endsWith('.egg-info');
  const found: DetectedPackage = {
    name: metadata.name.toLowerCase(),
    // differs: a version that is none of PEP 440 is kept as it is written (clair-indexing.md#language-versions)
    version: version === undefined ? metadata.version : publicVersion(version),
    kind: 'binary',
    ...(version === undefined ? {} : { normalizedVersion: normalizedPep440(version) }),
    database: `python:${isFile ? parentOf(file.path) : parentOf(parentOf(file.path))}`,
    path: file.path,
  };
  return { found: 'package', package: found };
}

function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '.' : path.slice(0, slash);
}
