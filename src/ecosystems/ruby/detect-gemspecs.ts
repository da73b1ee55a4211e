/** The detector of installed gems: each has its specification in a folder `specifications`. */

import type { Detection, Detector, LayerFile, LayerView } from '../../contract/detector.ts';
import { messageOf } from '../../errors.ts';
import type { Repository } from '../../model/package.ts';
import { readGemspec } from './gemspec.ts';

/** What a report says of where gems come from. */
export const RUBYGEMS: Repository = { name: 'rubygems', uri: 'https://rubygems.org/gems/' };

const GEMSPEC = /(?:^|\/)specifications\/(?:.*\/)?[^/]+\.gemspec$/s;

/** Clair's `ruby`. */
export const installedGems: Detector = {
  id: 'ruby',
  revision: '3',
  kind: 'package',
  wants: ({ path, type }) =>
    path.endsWith('.gemspec') &&
    (type === 'file' || type === 'hardlink') &&
    GEMSPEC.test(path) &&
    !/\/\.wh\.[^/]*$/.test(path),
  read: readLayer,
};

function* readLayer(layer: LayerView): Generator<Detection, void, void> {
  let any = false;
  for (const file of layer.files) {
    const found = packageOf(file);
    any ||= found.found === 'package';
    yield found;
  }
  if (any) yield { found: 'repository', repository: RUBYGEMS };
}

function packageOf(file: LayerFile): Detection {
  const { path } = file;
  try {
    const gemspec = readGemspec(file.read());
    if (gemspec === undefined)
      return { found: 'problem', where: path, reason: 'no name and version that can be read' };
    return { found: 'package', package: { ...gemspec, kind: 'binary', database: `ruby:${path}`, path } };
  } catch (error) {
    return { found: 'problem', where: path, reason: messageOf(error) };
  }
}
