/**
 * Two small ecosystems for the tests of the indexer, loaded by its threads too. `?words=N` gives the detector of words
 * another revision, which finds other things.
 */

import type { Detector, LayerFile } from '../contract/detector.ts';
import type { Ecosystem } from '../contract/ecosystem.ts';
import { byPath, newestDatabase } from '../ecosystems/coalesce.ts';

const revision = new URL(import.meta.url).searchParams.get('words') ?? '1';

/** Lines `name version`. */
function* lines(file: LayerFile): Generator<readonly [string, string]> {
  for (const line of file.read().toString().split('\n')) {
    const [name, version] = line.split(' ');
    if (name && version) yield [name, version];
  }
}

/** Each `*.words` is packages of its own. */
const words: Detector = {
  id: 'words',
  revision,
  kind: 'package',
  wants: ({ path, type }) => type !== 'directory' && path.endsWith('.words'),
  *read({ files }) {
    for (const file of files) {
      for (const [name, version] of lines(file)) {
        if (name === 'throws') throw new Error(`cannot read ${version}`);
        if (name === 'odd') yield { found: 'problem', where: file.path, reason: `odd ${version}` };
        else {
          const found = { name, version: `${version}.${revision}`, kind: 'binary' } as const;
          yield { found: 'package', package: { ...found, database: 'words', path: file.path } };
        }
      }
    }
  },
};

/** `var/db` is all packages of the system: `name version [file of its own]`. */
const system: Detector = {
  id: 'system',
  revision: '1',
  kind: 'package',
  paths: ['var/db'],
  *read(layer) {
    const file = layer.file('var/db');
    if (file === undefined) return;
    yield { found: 'database', database: 'var/db', path: 'var/db' };
    for (const [name, version] of lines(file)) {
      const found = { name, version, kind: 'binary' } as const;
      yield { found: 'package', package: { ...found, database: 'var/db', path: 'var/db' } };
    }
  },
  *owns(layer) {
    const text = layer.file('var/db')?.read().toString() ?? '';
    for (const line of text.split('\n'))
      yield { path: line.split(' ')[2] ?? '', maker: 'distribution' as const };
  },
};

const common = {
  scopes: [],
  advisoriesOf: () => [],
  lookups: () => [],
  feeds: [],
  versions: { id: 'none', parse: () => undefined, compare: () => 0, key: () => undefined },
} satisfies Partial<Ecosystem>;

export const ecosystems: readonly Ecosystem[] = [
  { ...common, id: 'words', detectors: [words], coalesce: byPath },
  { ...common, id: 'system', detectors: [system], coalesce: newestDatabase },
];
