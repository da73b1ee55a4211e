/**
 * Tells of files that hold others and are not opened: packages that lie there as files, images of containers and machines, and
 * archives. Of archives only those count in which packages or programs are; of those that cannot be listed there is a note.
 */
import type { Detection, Detector, Entry, RandomAccessFile } from '../../contract/detector.ts';
import type { Ecosystem } from '../../contract/ecosystem.ts';
import { messageOf } from '../../errors.ts';
import { type UnpackBudget, whatIsIn } from './archive-content.ts';
import { type FileOfPackage, heldKinds } from './held-kinds.ts';

/** Parts of a package, caches of package managers, and what is there to be tested with. */
const WITHIN =
  /(?:^|\/)(?:node_modules|site-packages|dist-packages|gems|specifications|tests?|__tests__|fixtures|testdata|examples?|docs?|\.git)\/|(?:^|\/)(?:pkg\/mod|registry\/(?:src|cache)|\.cargo|\.m2|\.npm|\.cache)\//;

/** Of all archives of a layer together. */
const LAYER_UNPACKED = 512 * 1024 * 1024;
/** A smaller one holds nothing. */
const MIN_SIZE = 16;
const HEAD = 512;

/** Returns the detector of files that hold what one of `ecosystems` would find. */
// differs: files that hold others and are not opened are reported (clair-indexing.md#files-without-a-detector)
export function unopenedOf(ecosystems: readonly Ecosystem[]): Detector {
  const files = ecosystems.flatMap(filesOf);
  const kindOf = heldKinds(files);
  const isWanted = wantedOf(ecosystems);
  const isOfPackage = (path: string): boolean => {
    const base = path.slice(path.lastIndexOf('/') + 1);
    return isWanted(path) || files.some(({ is }) => is?.test(base) === true);
  };
  function* tell(file: RandomAccessFile, budget: UnpackBudget): Generator<Detection> {
    const { path } = file;
    const kind = kindOf(path, file.read(0, HEAD));
    if (kind === undefined) return;
    if (kind.is === 'image') yield told(path, kind.what);
    else if (kind.is === 'model')
      yield { ...told(path, 'a model (GGUF)', ': no feed covers models'), kind: 'note' };
    else if (kind.is === 'package') yield ofPackage(path, kind.file);
    else if (kind.members === undefined)
      yield { ...told(path, 'an archive', ': its compression is not read'), kind: 'note' };
    else {
      try {
        const content = whatIsIn(file, kind.members, isOfPackage, budget);
        if (content !== undefined) yield told(path, content.what, content.holds && `, with ${content.holds}`);
      } catch (error) {
        yield told(path, 'an archive', `: ${messageOf(error)}`);
      }
    }
  }
  return {
    id: 'unopened',
    revision: '2',
    kind: 'package',
    inspects: ({ type, size }) => type === 'file' && size >= MIN_SIZE,
    magic: (head, { path }) => kindOf(path, head) !== undefined && !WITHIN.test(path),
    inspect: (file) => tell(file, { left: LAYER_UNPACKED }),
    perLayer() {
      const budget = { left: LAYER_UNPACKED };
      return { inspect: (file) => tell(file, budget) };
    },
  };
}

type Problem = Extract<Detection, { found: 'problem' }>;

function told(where: string, what: string, more = ''): Problem {
  return { found: 'problem', where, kind: 'unread-inventory', reason: `${what} that is not opened${more}` };
}

function ofPackage(path: string, { name, detectors }: FileOfPackage): Problem {
  const [, own] = name.exec(path.slice(path.lastIndexOf('/') + 1)) ?? [];
  return {
    ...told(path, 'a package file'),
    ...(own !== undefined && { lists: { detectors, names: [own] } }),
  };
}

function installed({ detectors }: Ecosystem): readonly Detector[] {
  return detectors.filter(({ kind, checkouts }) => kind === 'package' && !checkouts);
}

function filesOf(ecosystem: Ecosystem): FileOfPackage[] {
  const detectors = installed(ecosystem).map(({ id }) => id);
  return (ecosystem.packageFiles ?? []).map((file) => ({ ...file, detectors }));
}

/** Whether a detector would read a file at that path. */
function wantedOf(ecosystems: readonly Ecosystem[]): (path: string) => boolean {
  const detectors = ecosystems.flatMap(installed);
  const paths = new Set(detectors.flatMap((detector) => detector.paths ?? []));
  return (path) => {
    const entry: Entry = { path, type: 'file', size: 1, mode: 0o644 };
    return paths.has(path) || detectors.some((detector) => detector.wants?.(entry) === true);
  };
}
