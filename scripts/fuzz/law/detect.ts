/** What a detector says of a layer that has one file. */
import type { Detection, Detector, LayerFile, LayerView } from '../../../src/contract/detector.ts';
import { layerFile, unreadableFile } from '../../../src/contract/layer-file.fixture.ts';

const MODE = 0o755;

/** All that `detector` says of the file, in the order of its saying: of what streams by first, then of what is kept. */
export function detectIn(detector: Detector, path: string, bytes: Buffer): Detection[] {
  return detectBy(detector, path, bytes, layerFile(path, bytes), (offset, length) =>
    bytes.subarray(offset, offset + length),
  );
}

/** The same of a file whose bytes cannot be had, but for those that it is recognised by. */
export function detectUnreadable(detector: Detector, path: string, bytes: Buffer): Detection[] {
  const fail = (): never => {
    throw new Error('it cannot be read');
  };
  return detectBy(detector, path, bytes, unreadableFile(path, bytes.length, fail), fail);
}

/** What lies beside a file that is installed. */
const BESIDE: Readonly<Record<string, string>> = { DESCRIPTION: 'Meta/package.rds' };

/** A layer of `file`, and of what lies beside it. */
export function layerOf(file: LayerFile): LayerView {
  const [, folder = '', base = ''] = /^(.*\/)?([^/]*)$/s.exec(file.path) ?? [];
  const beside = BESIDE[base] === undefined ? undefined : `${folder}${BESIDE[base]}`;
  return {
    files: [file],
    file: (name) => (name === file.path ? file : undefined),
    names: () => [],
    has: (name, type = 'file') => type === 'file' && (name === file.path || name === beside),
  };
}

/** Whether `detector` looks at a file of that name and head. */
export function isRead(detector: Detector, path: string, bytes: Buffer): boolean {
  return isKept(detector, path, bytes) || isInspected(detector, path, bytes);
}

function isKept(detector: Detector, path: string, bytes: Buffer): boolean {
  if (detector.read === undefined) return false;
  return detector.paths?.includes(path) === true || detector.wants?.(entryOf(path, bytes)) === true;
}

function isInspected(detector: Detector, path: string, bytes: Buffer): boolean {
  return (
    detector.inspects?.(entryOf(path, bytes)) === true &&
    detector.magic?.(bytes.subarray(0, 512), entryOf(path, bytes)) === true
  );
}

const entryOf = (path: string, bytes: Buffer) =>
  ({ path, size: bytes.length, mode: MODE, type: 'file' }) as const;

function detectBy(
  detector: Detector,
  path: string,
  bytes: Buffer,
  file: LayerFile,
  read: (offset: number, length: number) => Buffer,
): Detection[] {
  const found: Detection[] = [];
  const entry = entryOf(path, bytes);
  if (isInspected(detector, path, bytes)) {
    const random = {
      ...entry,
      read,
      indexOf: (needle: Buffer, from?: number) => bytes.indexOf(needle, from),
    };
    for (const item of detector.inspect!(random, entry)) found.push(item);
  }
  if (isKept(detector, path, bytes)) for (const item of detector.read!(layerOf(file))) found.push(item);
  return found;
}
