/** Finds the packages that Composer installed: `vendor/composer/installed.json` lists them. */

import type { Detection, Detector, LayerFile, LayerView } from '../../contract/detector.ts';
import { messageOf } from '../../errors.ts';
import { fieldOf, identifierOf, readJsonFile } from '../../formats/json/file.ts';
import type { Repository } from '../../model/package.ts';
import { MAX_FILE, packageList } from './installed-list.ts';
import { inPackages } from './package-files.ts';

/** Where PHP packages come from. */
export const PACKAGIST: Repository = { name: 'packagist', uri: 'https://packagist.org/' };

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
  brings: inPackages,
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
  const list = packageList(document);
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
