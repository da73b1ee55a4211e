/** Finds the packages that Chisel cut an Ubuntu image from: its manifest is all that is known of them (github.com/canonical/chisel). */

import type { Detection, Detector, LayerFile, OwnedFile } from '../../contract/detector.ts';
import { messageOf } from '../../errors.ts';
import { fieldOf, identifierOf } from '../../formats/json/file.ts';
import { listedPaths } from '../../formats/os/owned-paths.ts';
import { counted } from '../../lib/counted.ts';
import { unzstdSync } from '../../lib/unzstd.ts';

/** The manifest of an image with a JDK has 2 MiB of text. */
const MAX_COMPRESSED = 16 * 1024 * 1024;
const MAX_TEXT = 64 * 1024 * 1024;
const MAX_PACKAGES = 10_000;

// differs: a detector that Clair does not have: images that Chisel cut, which have no database of dpkg
export const chisel: Detector = {
  id: 'chisel',
  revision: '2',
  kind: 'package',
  wants: ({ path, type }) => type === 'file' && /(?:^|\/)manifest\.wall$/.test(path),
  *read(layer): Generator<Detection> {
    for (const file of layer.files) yield* packagesIn(file);
  },
  // What is cut is Ubuntu's.
  *owns(layer, paths): Generator<OwnedFile> {
    const listed = listedPaths(layer, paths);
    for (const file of layer.files) {
      for (const record of recordsIn(file)) {
        const path = fieldOf(record, 'kind') === 'path' ? fieldOf(record, 'path') : undefined;
        const found = typeof path === 'string' ? listed.get(path.replace(/^\/+/, '')) : undefined;
        if (found !== undefined) yield { path: found, maker: 'distribution' };
      }
    }
  },
};

function* packagesIn(file: LayerFile): Generator<Detection> {
  const { path } = file;
  yield { found: 'database', database: path, path };
  let nameless = 0;
  let count = 0;
  try {
    for (const record of recordsIn(file)) {
      if (fieldOf(record, 'kind') !== 'package') continue;
      const [name, version] = ['name', 'version'].map((key) => identifierOf(fieldOf(record, key)));
      const arch = identifierOf(fieldOf(record, 'arch'));
      if (name === undefined || version === undefined) nameless++;
      else if (++count > MAX_PACKAGES) throw new Error(`more than ${MAX_PACKAGES} packages`);
      else
        yield {
          found: 'package',
          package: { name, version, kind: 'binary', ...(arch && { arch }), database: path, path },
        };
    }
    yield {
      found: 'problem',
      where: path,
      reason: `manifest of ${counted(count, 'package')}, read`,
      kind: 'note',
    };
  } catch (error) {
    yield {
      found: 'problem',
      where: path,
      reason: `a manifest of Chisel that cannot be read: ${messageOf(error)}`,
    };
  }
  if (nameless > 0)
    yield {
      found: 'problem',
      where: path,
      reason: `${nameless} of its packages have no readable name and version`,
    };
}

/** One JSON object a line, the first of which says what it is. */
function* recordsIn(file: LayerFile): Generator<unknown> {
  if (file.size > MAX_COMPRESSED) throw new Error(`bigger than ${MAX_COMPRESSED} bytes`);
  const text = unzstdSync(file.read(), MAX_TEXT).toString();
  let first = true;
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const record: unknown = JSON.parse(line);
    if (first && fieldOf(record, 'jsonwall') === undefined) throw new Error('it is no jsonwall');
    first = false;
    yield record;
  }
  if (first) throw new Error('it is empty');
}
