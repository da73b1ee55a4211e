/** The detector of installed gems: each has its specification in a folder `specifications`. */

import type { Detection, Detector, LayerFile, LayerView } from '../../contract/detector.ts';
import { messageOf } from '../../errors.ts';
import { readGemspec } from '../../formats/gemspec.ts';
import type { Repository } from '../../model/package.ts';
import { inGems } from './gem-folders.ts';

/** What a report says of where gems come from. */
export const RUBYGEMS: Repository = { name: 'rubygems', uri: 'https://rubygems.org/gems/' };

const GEMSPEC = /(?:^|\/)specifications\/(?:.*\/)?[^/]+\.gemspec$/s;

/** Bundler installs a gem of a Git repository as it is there, and writes no specification: `bundler/gems/rack-2c1e0a3b4d5f/`. */
const OF_GIT = /(?:^|\/)bundler\/gems\/[^/]+-[0-9a-f]{7,40}\/(?:[^/]+\/)?[^/]+\.gemspec$/s;

/** It may list the files of a gem; the longest are 100 KiB. */
const MAX_SIZE = 4 * 1024 * 1024;

/** Clair's `ruby`. */
export const installedGems: Detector = {
  id: 'ruby',
  revision: '5',
  kind: 'package',
  wants: ({ path, type }) =>
    path.endsWith('.gemspec') &&
    (type === 'file' || type === 'hardlink') &&
    (GEMSPEC.test(path) || OF_GIT.test(path)) &&
    !/\/\.wh\.[^/]*$/.test(path),
  read: readLayer,
  brings: inGems,
};

function* readLayer(layer: LayerView): Generator<Detection, void, void> {
  let any = false;
  for (const file of layer.files) {
    const found = packageOf(file);
    any ||= found.found === 'package';
    yield found;
    if (file.size > MAX_SIZE) {
      const reason = `file of ${file.size} bytes: those after the first ${MAX_SIZE} are not read`;
      yield { found: 'problem', where: file.path, reason };
    }
  }
  if (any) yield { found: 'repository', repository: RUBYGEMS };
}

function packageOf(file: LayerFile): Detection {
  const { path } = file;
  try {
    const gemspec = readGemspec(file.start(MAX_SIZE));
    // There it is a program that somebody wrote, and its version is often in another file.
    if (OF_GIT.test(path) && !/^\d/.test(gemspec?.version ?? ''))
      return {
        found: 'problem',
        where: path,
        reason: 'a gem from a Git repository, whose version cannot be read',
      };
    if (gemspec === undefined)
      return { found: 'problem', where: path, reason: 'no name and version that can be read' };
    return { found: 'package', package: { ...gemspec, kind: 'binary', database: `ruby:${path}`, path } };
  } catch (error) {
    return { found: 'problem', where: path, reason: messageOf(error) };
  }
}
