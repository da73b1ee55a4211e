/** Finds the components of Bitnami's images: each has an SPDX file of its own, older ones are in one list. */
import type { Detection, Detector, LayerFile } from '../../contract/detector.ts';
import { messageOf } from '../../errors.ts';
import { fieldOf, fieldsIn, identifierOf, readJsonFile } from '../../formats/json/file.ts';
import { parsePurl } from '../../model/purl.ts';
import { folderOf, inFolders } from '../package-folders.ts';
import { UPSTREAM } from './lookups.ts';

/** Those of the biggest components have 1 MiB. */
const MAX_BYTES = 16 * 1024 * 1024;

const PLACE = /(?:^|\/)opt\/bitnami\/(?:.*\/)?(?:\.spdx-[^/]+\.spdx|\.bitnami_components\.json)$/s;

/** Bitnami counts its builds of a version: `15.3.0-1`. Advisories are about the version. */
const BUILD = /-\d{1,4}$/;

interface Component {
  readonly name: unknown;
  readonly version: unknown;
}

// differs: a detector that Clair does not have: components of Bitnami's images
export const bitnamiComponents: Detector = {
  id: 'bitnami',
  revision: '2',
  kind: 'package',
  account: 'inventory',
  wants: ({ path, type }) => type === 'file' && path.includes('opt/bitnami/') && PLACE.test(path),
  *read(layer): Generator<Detection> {
    let any = false;
    for (const file of layer.files) {
      for (const found of componentsIn(file)) {
        any ||= found.found === 'package';
        yield found;
      }
    }
    if (any) yield { found: 'repository', repository: UPSTREAM };
  },
  // The document of a component lies in its folder; the older list is beside the folders of all.
  *brings(_layer, paths, packages) {
    const folders = [...packages].filter((path) => path.endsWith('.spdx')).map((path) => folderOf(path));
    yield* inFolders(paths, new Set(folders.filter((folder) => !/(?:^|\/)opt\/bitnami$/.test(folder))));
  },
};

function* componentsIn(file: LayerFile): Generator<Detection> {
  const { path } = file;
  const tell = (reason: string): Detection => ({ found: 'problem', where: path, reason });
  try {
    const document = readJsonFile(file, MAX_BYTES);
    let nameless = 0;
    let count = 0;
    for (const each of path.endsWith('.json') ? ofList(document) : ofSpdx(document)) {
      const name = identifierOf(each.name);
      const version = identifierOf(each.version)?.replace(BUILD, '');
      if (name === undefined || version === undefined) nameless++;
      else {
        count++;
        yield {
          found: 'package',
          package: { name, version, kind: 'binary', database: `bitnami:${path}`, path },
        };
      }
    }
    yield { ...tell(`a list of ${count} components: it was read`), kind: 'note' } as Detection;
    if (nameless > 0) yield tell(`${nameless} of its components have no readable name and version`);
  } catch (error) {
    yield tell(`a list of components that cannot be read: ${messageOf(error)}`);
  }
}

/** What is no component of Bitnami's is a library in one, which the detectors of its language find. */
function* ofSpdx(document: unknown): Generator<Component> {
  const packages = fieldOf(document, 'packages');
  if (!Array.isArray(packages)) throw new Error('it is no SPDX 2 with packages');
  for (const each of packages) {
    const references = fieldOf(each, 'externalRefs');
    for (const reference of Array.isArray(references) ? references : []) {
      const locator = fieldOf(reference, 'referenceLocator');
      if (typeof locator !== 'string' || !locator.startsWith('pkg:bitnami/')) continue;
      const purl = parsePurl(locator);
      yield { name: purl?.name, version: purl?.version || fieldOf(each, 'versionInfo') };
    }
  }
}

/** `{"node": {"version": "20.4.0-0", …}}` */
function* ofList(document: unknown): Generator<Component> {
  if (typeof document !== 'object' || document === null) throw new Error('it is no object');
  for (const [name, value] of fieldsIn(document)) yield { name, version: fieldOf(value, 'version') };
}
