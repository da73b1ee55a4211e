/** Finds Erlang and Elixir applications: `ebin/NAME.app` of each says its version, in a release as well as in `_build`. */

import type { Detection, Detector, LayerFile, LayerView } from '../../contract/detector.ts';
import { messageOf } from '../../errors.ts';
import { identifierOf } from '../../formats/json/file.ts';
import type { Repository } from '../../model/package.ts';
import { folderOf, inFolders } from '../package-folders.ts';
import { readTerm, type Term } from './erlang-term.ts';

/** Where Erlang and Elixir packages come from. */
export const HEX: Repository = { name: 'hex', uri: 'https://hex.pm/' };

/** It lists the modules of an application: those of the biggest take 100 KiB. */
const MAX_FILE = 16 * 1024 * 1024;

/** Application resource files (app(4)). */
// differs: a detector that Clair does not have: Erlang and Elixir applications
export const applications: Detector = {
  id: 'hex',
  revision: '1',
  kind: 'package',
  wants: ({ path, type }) =>
    (type === 'file' || type === 'hardlink') && /(?:^|\/)ebin\/[a-z][\w@]*\.app$/.test(path),
  read: readLayer,
  brings: (_layer, paths, packages) =>
    inFolders(paths, new Set([...packages].map((path) => folderOf(path, 1)).filter(Boolean))),
};

function* readLayer(layer: LayerView): Generator<Detection> {
  let any = false;
  for (const file of layer.files) {
    try {
      const found = applicationIn(file);
      any = true;
      yield found;
    } catch (error) {
      yield { found: 'problem', where: file.path, reason: messageOf(error) };
    }
  }
  if (any) yield { found: 'repository', repository: HEX };
}

/** `{application, NAME, [{vsn, "VERSION"}, …]}.` Throws where it is something else. */
function applicationIn(file: LayerFile): Detection {
  if (file.size > MAX_FILE) throw new Error(`bigger than ${MAX_FILE} bytes`);
  const [keyword, name, keys] = membersOf(readTerm(file.read().toString()));
  if (textOf(keyword) !== 'application') throw new Error('it describes no application');
  const vsn = membersOf(keys).find((pair) => textOf(membersOf(pair)[0]) === 'vsn');
  const [called, version] = [identifierOf(textOf(name)), identifierOf(textOf(membersOf(vsn)[1]))];
  if (called === undefined || version === undefined) throw new Error('it has no readable name and version');
  return {
    found: 'package',
    package: { name: called, version, kind: 'binary', database: `hex:${file.path}`, path: file.path },
  };
}

function membersOf(term: Term): readonly Term[] {
  return term !== undefined && 'of' in term ? term.of : [];
}

function textOf(term: Term): string | undefined {
  return term !== undefined && 'text' in term ? term.text : undefined;
}
