/**
 * Tells of lists of packages that are seen and not read: lock files in an image, and databases of root file systems within it.
 * A lock file of whose packages some are installed says nothing new.
 */
import type { Detection, Detector, LayerFile } from '../../contract/detector.ts';
import type { Ecosystem } from '../../contract/ecosystem.ts';
import type { PackageList } from '../../contract/package-list.ts';
import { messageOf } from '../../errors.ts';
import { isNestedDatabase, nestedDatabase } from './nested-databases.ts';

/** What is in a package, or is the source of one, is not what is installed. Applications are often in `usr/src`. */
const WITHIN =
  /(?:^|\/)(?:node_modules|site-packages|dist-packages|gems|specifications|vendor|tests?|__tests__|fixtures|testdata|examples?|doc|docs|\.git)\/|^usr\/(?:share|lib|include)\/|(?:^|\/)(?:pkg\/mod|registry\/src|\.cargo|\.m2|\.npm|\.cache)\//;

const MAX_BYTES = 16 * 1024 * 1024;
const MAX_NAMES = 5000;

/** Returns the detector of the lists that `ecosystems` name. */
// differs: lock files and package lists that are not read are reported (clair-indexing.md#files-without-a-detector)
export function inventoriesOf(ecosystems: readonly Ecosystem[]): Detector {
  const lists = ecosystems.flatMap(listsOf);
  // One expression for all, as every file is asked.
  const any = new RegExp(lists.map(({ is }) => `(?${is.flags}:${is.source})`).join('|'));
  const listAt = (path: string): Told | undefined => {
    const base = path.slice(path.lastIndexOf('/') + 1);
    return any.test(base) ? lists.find(({ is }) => is.test(base)) : undefined;
  };
  const isList = (path: string): boolean => listAt(path) !== undefined && !WITHIN.test(path);
  return {
    id: 'inventory',
    revision: '8',
    kind: 'package',
    wants: ({ path, type }) => type === 'file' && (isList(path) || isNestedDatabase(path)),
    *read(layer): Generator<Detection> {
      for (const file of layer.files) {
        if (isNestedDatabase(file.path)) yield* nestedDatabase(layer, file);
        else yield* inventoryOf(file, listAt(file.path)!);
      }
    },
  };
}

type Told = PackageList & Required<Pick<PackageList, 'detectors'>>;

function listsOf({ lists = [], detectors }: Ecosystem): Told[] {
  const installed = detectors.filter(({ kind, checkouts }) => kind === 'package' && !checkouts);
  const ids = installed.map(({ id }) => id);
  return lists.map((list) => ({ ...list, detectors: list.detectors ?? ids }));
}

function* inventoryOf(file: LayerFile, { isOne, detectors, names }: Told): Generator<Detection> {
  const told = {
    found: 'problem',
    where: file.path,
    reason: 'a list of packages that is not read',
    kind: 'unread-inventory',
  } as const;
  if (file.size > MAX_BYTES) return yield told;
  try {
    const text = file.read().toString();
    if (isOne?.(text) === false) return;
    const all = [...new Set(names(text))].slice(0, MAX_NAMES);
    yield all.length === 0 ? told : { ...told, lists: { detectors, names: all } };
  } catch (error) {
    yield { ...told, reason: `${told.reason}: ${messageOf(error)}` };
  }
}
