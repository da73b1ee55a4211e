/** Finds what pacman has installed: a directory a package in its local database. */
import type { Detection, Detector, Entry, LayerFile, LayerView } from '../../contract/detector.ts';
import { messageOf } from '../../errors.ts';
import { listedPaths } from '../../formats/os/owned-paths.ts';
import { CUT_IN_LINE, endsInLine } from '../../formats/os/text-lines.ts';
import { filesIn, readSections } from './desc.ts';

/** `var/lib/pacman/local/NAME-VERSION/desc`, and its list of files. pacman.conf(5): `DBPath` may be elsewhere. */
const RECORD = /(?:^|\/)pacman\/local\/[^/]+\/(?:desc|files)$/;

const FIELDS: ReadonlySet<string> = new Set(['NAME', 'VERSION', 'BASE', 'ARCH']);
const MAKER: ReadonlySet<string> = new Set(['NAME', 'PACKAGER', 'VALIDATION']);

/** Names and versions of real packages have under 100 characters. */
const MAX_VALUE = 1024;

/** Packages installed by pacman. */
export const pacmanPackages: Detector = {
  id: 'pacman',
  revision: '2',
  kind: 'package',
  wants: ({ path, type }: Entry) => type !== 'directory' && type !== 'other' && RECORD.test(path),
  *read(layer: LayerView): Generator<Detection> {
    for (const file of recordsIn(layer)) yield* recordOf(file);
  },
  *owns(layer, paths) {
    const listed = listedPaths(layer, paths);
    for (const record of recordsIn(layer)) {
      const files = layer.file(record.path.replace(/desc$/, 'files'));
      if (files === undefined) continue;
      try {
        const maker = isOfArch(record) ? 'distribution' : 'other';
        for (const each of filesIn(files.read())) {
          const found = listed.get(each);
          if (found !== undefined) yield { path: found, maker };
        }
      } catch {
        // Unread, it owns nothing: what is there is looked up as a package of its language.
      }
    }
  },
};

function recordsIn({ files }: LayerView): LayerFile[] {
  return files.filter(({ path }) => path.endsWith('/desc'));
}

/** Each record is a database of its own: a layer that updates one package leaves the others alone. */
function* recordOf(file: LayerFile): Generator<Detection> {
  const { path } = file;
  const problem = (reason: string): Detection => ({ found: 'problem', where: path, reason });
  let sections: ReadonlyMap<string, readonly string[]>;
  try {
    const bytes = file.read();
    sections = readSections(bytes, FIELDS);
    if (endsInLine(bytes)) yield problem(CUT_IN_LINE);
  } catch (error) {
    yield problem(`the package is not known: ${messageOf(error)}`);
    return;
  }
  const [name = '', version = '', base = '', arch = ''] = ['NAME', 'VERSION', 'BASE', 'ARCH'].map(
    (field) => sections.get(field)?.[0],
  );
  if (name === '' || version === '') {
    yield problem(`it has no %${name === '' ? 'NAME' : 'VERSION'}%`);
    return;
  }
  if ([name, version, base, arch].some(({ length }) => length > MAX_VALUE)) {
    yield problem(`it has a value of over ${MAX_VALUE} characters`);
    return;
  }
  yield {
    found: 'package',
    package: {
      name,
      version,
      kind: 'binary',
      ...(base !== '' && { source: { name: base, version } }),
      ...(arch !== '' && { arch }),
      database: path.replace(/\/desc$/, ''),
      path,
    },
  };
}

/**
 * Whether the distribution made and signed it. A package that somebody built at home is in nobody's advisories: what it
 * brings is only known by its language's.
 */
function isOfArch(record: LayerFile): boolean {
  try {
    const sections = readSections(record.read(), MAKER);
    const packager = sections.get('PACKAGER')?.[0] ?? '';
    return (sections.get('VALIDATION') ?? []).includes('pgp') && /@archlinux\.org>?$/i.test(packager);
  } catch {
    return false;
  }
}
