/**
 * Archives of Electron: an application with its `node_modules` in one file (electron/asar, README, "Format"). Two pickles of
 * Chromium go first, a number and a directory in JSON; the contents of the files follow one behind the other.
 */
import { fieldOf, fieldsIn, parseJson } from '../../formats/json/file.ts';

/** A file in such an archive. `start` and `size` are in bytes, as its directory says them: they may be of any kind. */
export interface AsarMember {
  readonly path: string;
  readonly start: number;
  readonly size: number;
}

type Read = (offset: number, length: number) => Buffer;

/** Of the first pickle the size and its number; of the second its size and that of the JSON in it. */
const HEAD = 16;
/** That of 50,000 files has 15 MiB. */
const MAX_DIRECTORY = 64 * 1024 * 1024;
const MAX_DEPTH = 200;

/** Whether `head` begins such an archive. */
function isAsar(head: Buffer): boolean {
  if (head.length < HEAD || head.readUInt32LE(0) !== 4) return false;
  const [pickle, payload, json] = [head.readUInt32LE(4), head.readUInt32LE(8), head.readUInt32LE(12)];
  return payload + 4 === pickle && json + 4 <= payload;
}

/**
 * The files whose content is in the archive of `size` bytes; that of others lies in the folder `NAME.asar.unpacked` beside it. Throws if
 * its directory cannot be read.
 */
export function* asarMembers(read: Read, size: number): Generator<AsarMember> {
  const head = read(0, HEAD);
  if (!isAsar(head)) throw new Error('it is no archive of Electron');
  const [contents, length] = [8 + head.readUInt32LE(4), head.readUInt32LE(12)];
  if (length > MAX_DIRECTORY) throw new Error(`its directory is bigger than ${MAX_DIRECTORY} bytes`);
  if (contents > size) throw new Error('it ends within its directory');
  const files = fieldOf(parseJson(read(HEAD, length).toString()), 'files');
  if (files === undefined) throw new Error('it has no directory');
  yield* membersIn(files, '', contents, 0);
}

function* membersIn(files: unknown, folder: string, contents: number, depth: number): Generator<AsarMember> {
  if (depth > MAX_DEPTH) throw new Error(`directories deeper than ${MAX_DEPTH}`);
  for (const [name, entry] of fieldsIn(files)) {
    const path = `${folder}${name}`;
    const below = fieldOf(entry, 'files');
    if (below !== undefined) yield* membersIn(below, `${path}/`, contents, depth + 1);
    else if (fieldOf(entry, 'unpacked') !== true && fieldOf(entry, 'link') === undefined)
      // An offset is a text, which may be longer than numbers are exact.
      yield {
        path,
        start: contents + Number(fieldOf(entry, 'offset')),
        size: Number(fieldOf(entry, 'size')),
      };
  }
}
