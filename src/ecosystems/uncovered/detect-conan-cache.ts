/** The cache of Conan 2: a database that says which package is in which of its folders (`~/.conan2/p/cache.sqlite3`). */
import { posix } from 'node:path';
import type { Detection, Detector, LayerFile, LayerView } from '../../contract/detector.ts';
import { messageOf } from '../../errors.ts';
import { identifierOf } from '../../formats/json/file.ts';
import { isSqlite, openSqlite } from '../../formats/sqlite/file.ts';
import { withWal } from '../../formats/sqlite/wal.ts';
import { counted } from '../../lib/counted.ts';
import { inFolders } from '../package-folders.ts';
import { conanReference } from './conan-reference.ts';

const CACHE = /(?:^|\/)\.conan2\/(?:p\/)?cache\.sqlite3$/;
const WAL = '-wal';

/** A cache that a whole company shares has some ten thousand. */
const MAX_ROWS = 200_000;

/** A package of the cache, and its folder relative to that of the database. */
interface Cached {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
}

// differs: a detector that Clair does not have: the cache of Conan 2
export const conanCache: Detector = {
  id: 'conan-cache',
  revision: '1',
  kind: 'package',
  account: 'inventory',
  wants: ({ path, type }) =>
    type === 'file' && CACHE.test(path.endsWith(WAL) ? path.slice(0, -WAL.length) : path),
  *read(layer): Generator<Detection> {
    for (const file of databases(layer)) {
      const { path } = file;
      const problems: string[] = [];
      const found = new Map(
        cachedIn(layer, file, problems).map((each) => [`${each.name} ${each.version}`, each]),
      );
      for (const { name, version } of found.values())
        yield {
          found: 'package',
          package: { name, version, kind: 'binary', database: `conan:${path}`, path },
        };
      for (const reason of problems) yield { found: 'problem', where: path, reason };
    }
  },
  *brings(layer, paths) {
    for (const file of databases(layer)) {
      const base = posix.dirname(file.path);
      const folders = cachedIn(layer, file, []).map(({ folder }) => posix.join(base, folder));
      yield* inFolders(paths, new Set(folders.filter((folder) => folder.startsWith(`${base}/`))));
    }
  },
};

function databases({ files }: LayerView): readonly LayerFile[] {
  return files.filter(({ path }) => !path.endsWith(WAL));
}

/** What of the database cannot be read is added to `problems`. */
function cachedIn(layer: LayerView, file: LayerFile, problems: string[]): Cached[] {
  const found: Cached[] = [];
  try {
    if (!isSqlite(file)) throw new TypeError('it is not a SQLite database');
    const wal = layer.file(file.path + WAL);
    const { damage, table } = openSqlite(wal === undefined ? file : withWal(file, wal));
    problems.push(...damage);
    // conan/internal/cache/db/packages_table.py: reference, rrev, pkgid, prev, path, timestamp, build_id, lru
    const rows = table('packages');
    if (rows === undefined) throw new TypeError('it has no table "packages"');
    let [count, unreadable] = [0, 0];
    for (const entry of rows) {
      if (++count > MAX_ROWS) {
        problems.push(`the rows after the first ${MAX_ROWS} are not read`);
        break;
      }
      const [reference, folder] = 'row' in entry ? [entry.values[0], entry.values[4]] : [];
      const { name, version } = conanReference(reference);
      if (identifierOf(name) === undefined || identifierOf(version) === undefined) unreadable++;
      else found.push({ name, version, folder: typeof folder === 'string' ? folder : '' });
    }
    if (unreadable > 0) problems.push(`${counted(unreadable, 'row')} without a readable name and version`);
  } catch (error) {
    problems.push(messageOf(error));
  }
  return found;
}
