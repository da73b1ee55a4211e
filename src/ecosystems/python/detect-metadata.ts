/**
 * The detector of installed Python distributions: wheels (`.dist-info`) and eggs (`.egg-info`, `.egg`, zipped or not), and those in
 * zipped applications.
 */

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
import { MAX_HEADER, type Metadata, readMetadata } from './metadata.ts';
import { listsFiles, recorded } from './record.ts';
import { normalizedPep440, parsePep440, publicVersion } from './version.ts';
import { isZipped, metadataIn } from './zipped.ts';

/** What a report says of where Python packages come from. */
export const PYPI: Repository = { name: 'pypi', uri: 'https://pypi.org/simple' };

// Installers of eggs that have a file METADATA (that of AWS CLI 2) write it in the place of PKG-INFO.
const METADATA =
  /(?:\.egg\/EGG-INFO\/PKG-INFO|\.egg-info(?:\/(?:PKG-INFO|METADATA))?|\.dist-info\/METADATA)$/;

/** Clair's `python`. */
export const installedDistributions: Detector = {
  id: 'python',
  revision: '9',
  kind: 'package',
  wants: isWanted,
  read: readLayer,
  brings: recorded,
};

function isWanted({ path, type }: Entry): boolean {
  if (type !== 'file' && type !== 'hardlink') return false;
  if (!METADATA.test(path) && !isZipped(path) && !listsFiles(path)) return false;
  return !path.slice(path.lastIndexOf('/') + 1).startsWith('.wh.');
}

// differs: the owner of a package follows from the files that system packages own, not from its directory or installer (clair-indexing.md#python-packages)
function* readLayer(layer: LayerView): Generator<Detection> {
  let any = false;
  for (const file of layer.files) {
    if (listsFiles(file.path)) {
      const found = byFolder(layer, file.path);
      any ||= found !== undefined;
      if (found !== undefined) yield found;
      continue;
    }
    try {
      for (const content of METADATA.test(file.path) ? [file.start(MAX_HEADER)] : metadataIn(file)) {
        const found = packageOf(file, content);
        any ||= found.found === 'package';
        yield found;
      }
    } catch (error) {
      yield { found: 'problem', where: file.path, reason: messageOf(error) };
    }
  }
  if (any) yield { found: 'repository', repository: PYPI };
}

function packageOf(file: LayerFile, content: Buffer): Detection {
  const metadata = readMetadata(content);
  if (metadata === undefined) {
    return { found: 'problem', where: file.path, reason: 'no Name and Version that can be read' };
  }
  return { found: 'package', package: distributionAt(file.path, metadata) };
}

/** Of a wheel whose metadata somebody removed to save space its folder tells: `requests-2.31.0.dist-info/RECORD`. */
function byFolder(layer: LayerView, path: string): Detection | undefined {
  const [, folder, name, version] = /^(.*?([^/]+)-([^/-]+)\.dist-info)\/RECORD$/s.exec(path) ?? [];
  if (name === undefined || version === undefined || layer.has(`${folder}/METADATA`)) return undefined;
  if (parsePep440(version) === undefined) return undefined;
  return { found: 'package', package: distributionAt(path, { name: name.replaceAll('_', '-'), version }) };
}

function distributionAt(path: string, metadata: Metadata): DetectedPackage {
  const version = parsePep440(metadata.version);
  return {
    name: metadata.name.toLowerCase(),
    // differs: a version that is none of PEP 440 is kept as it is written (clair-indexing.md#language-versions)
    version: version === undefined ? metadata.version : publicVersion(version),
    kind: 'binary',
    ...(version === undefined ? {} : { normalizedVersion: normalizedPep440(version) }),
    database: `python:${folderOf(path)}`,
    path,
  };
}

/** Where the package is: of an egg that is the egg, zipped or not; of an application the application. */
function folderOf(path: string): string {
  if (isZipped(path)) return path;
  return path.endsWith('.egg-info') ? parentOf(path) : parentOf(parentOf(path));
}

function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '.' : path.slice(0, slash);
}
