/** Finds the packages that Composer installed: `vendor/composer/installed.json` lists them. */

import type { Detection, Detector, LayerFile, LayerView } from '../../contract/detector.ts';
import { messageOf } from '../../errors.ts';
import { fieldOf, identifierOf, readJsonFile } from '../../formats/json/file.ts';
import type { Repository } from '../../model/package.ts';

/** Where PHP packages come from. */
export const PACKAGIST: Repository = { name: 'packagist', uri: 'https://packagist.org/' };

/** That of a big application has a few hundred packages, and 2 MiB. */
const MAX_FILE = 64 * 1024 * 1024;

/** What Composer installed. */
// differs: a detector that Clair does not have: PHP packages that Composer installed
export const installed: Detector = {
  id: 'composer',
  revision: '2',
  kind: 'package',
  // Composer: config.vendor-dir may give `vendor` another name, but not what is in it.
  wants: ({ path, type }) =>
    (type === 'file' || type === 'hardlink') && /(?:^|\/)composer\/installed\.json$/.test(path),
  read: readLayer,
};

function* readLayer(layer: LayerView): Generator<Detection> {
  let any = false;
  for (const file of layer.files) {
    try {
      for (const found of packagesIn(file)) {
        any ||= found.found === 'package';
        yield found;
      }
    } catch (error) {
      yield { found: 'problem', where: file.path, reason: messageOf(error) };
    }
  }
  if (any) yield { found: 'repository', repository: PACKAGIST };
}

function* packagesIn(file: LayerFile): Generator<Detection> {
  const document = readJsonFile(file, MAX_FILE);
  // Composer 1 wrote the list alone, Composer 2 has it in an object.
  const list = Array.isArray(document) ? document : fieldOf(document, 'packages');
  if (!Array.isArray(list)) throw new Error('it has no list of packages');
  let unreadable = 0;
  for (const each of list) {
    const name = identifierOf(fieldOf(each, 'name'));
    const version = identifierOf(fieldOf(each, 'version'));
    if (name === undefined || version === undefined) {
      unreadable++;
      continue;
    }
    yield {
      found: 'package',
      package: { name, version, kind: 'binary', database: `composer:${file.path}`, path: file.path },
    };
  }
  if (unreadable > 0) {
    const reason = `${unreadable} of its packages have no readable name and version`;
    yield { found: 'problem', where: file.path, reason };
  }
}
