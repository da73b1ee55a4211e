/** What real tools made is read without a word: trees of npm, dpkg, pip, gem and Go, as far as they are on this machine. */
import assert from 'node:assert/strict';
import { type Dirent, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, it } from 'node:test';
import { detectIn } from '../scripts/fuzz/law/detect.ts';
import type { Detector } from '../src/contract/detector.ts';
import { detectors } from './ecosystems.fixture.ts';
import { ROOT } from './imports.ts';

/** Those that read what is installed, and those that read lists in folders of sources. */
const INSTALLED = detectors.filter(({ kind, checkouts }) => kind === 'package' && !checkouts);
const LISTS = detectors.filter(({ checkouts }) => checkouts);

const TREES: readonly (readonly [what: string, root: string, folder: string, by: readonly Detector[]])[] = [
  ['npm, here', ROOT, 'node_modules', INSTALLED],
  ['npm, its list', ROOT, 'package-lock.json', LISTS],
  ['dpkg', '/', 'var/lib/dpkg/status', INSTALLED],
  ['apk', '/', 'lib/apk/db/installed', INSTALLED],
  ['pip, of the system', '/', 'usr/lib/python3', INSTALLED],
  ['pip', '/', 'usr/local/lib', INSTALLED],
  ['gem', '/', 'var/lib/gems', INSTALLED],
  ['npm, of the system', '/', 'usr/lib/node_modules', INSTALLED],
  ['Go, its standard library', '/', 'usr/local/go/src/go.mod', LISTS],
];
/** Of a tree: enough to meet each kind of record. */
const MOST_FILES = 3000;
const MOST_BYTES = 64 * 1024 * 1024;

describe('ordinary trees are complete', () => {
  for (const [what, root, folder, by] of TREES) {
    it(what, { skip: !existsSync(join(root, folder)) && `no ${folder} on this machine` }, (context) => {
      let files = 0;
      for (const path of filesBelow(join(root, folder))) {
        const name = relative(root, path);
        const readers = by.filter((each) => wants(each, name));
        if (readers.length === 0) continue;
        if (++files > MOST_FILES) break;
        const bytes = readFileSync(path);
        if (bytes.length > MOST_BYTES) continue;
        for (const reader of readers)
          assert.deepEqual(
            detectIn(reader, name, bytes).filter((item) => item.found === 'problem' && item.kind !== 'note'),
            [],
          );
      }
      // Packages of the system may be removed, and leave their folders; what is of this project is there.
      if (files === 0 && root === '/') context.skip(`nothing is installed in ${folder} on this machine`);
      else assert.ok(files > 0);
    });
  }
});

function wants(detector: Detector, path: string): boolean {
  return (
    detector.wants?.({ path, type: 'file', size: 1, mode: 0o644 }) === true ||
    detector.paths?.includes(path) === true
  );
}

function* filesBelow(path: string): Generator<string> {
  let entries: Dirent[];
  try {
    entries = readdirSync(path, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') yield path;
    return;
  }
  for (const entry of entries) {
    const inner = join(path, entry.name);
    if (entry.isDirectory()) yield* filesBelow(inner);
    else if (entry.isFile()) yield inner;
  }
}
