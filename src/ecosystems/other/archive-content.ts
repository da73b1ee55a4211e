/** What is in an archive that counts: packages and programs, or the layers of an image. */
import type { RandomAccessFile } from '../../contract/detector.ts';
import { listTar } from '../../formats/archives/tar-listing.ts';
import { openZip } from '../../formats/archives/zip.ts';
import { isProgram } from '../../formats/programs/executable.ts';
import { RUNNABLE_HEAD } from '../../formats/programs/runnable.ts';
import { uncompressed } from '../../formats/sbom/uncompressed.ts';
import { counted } from '../../lib/counted.ts';
import type { Members } from './held-kinds.ts';

/** Bytes that may still be unpacked. */
export interface UnpackBudget {
  left: number;
}

export interface ArchiveContent {
  /** The archive, in words. */
  readonly what: string;
  /** A part of it and how many others there are; '': the words say all. */
  readonly holds: string;
}

/** Compressed, and unpacked. */
const MAX_FILE = 32 * 1024 * 1024;
const MAX_UNPACKED = 64 * 1024 * 1024;
const MAX_MEMBERS = 200_000;

const PROGRAMS = /\.(?:so(?:\.\d+)*|dll|exe|dylib|wasm)$/i;
/** What registries publish: its own folder is the package. */
const PUBLISHED = /^(?:package\/package\.json|[^/]+\/PKG-INFO)$/;
const JAVA = /\.[jwe]ar$/i;
/** Archives in which those are opened. */
const JAVA_OPENS = /\.(?:zip|vsix)$/i;
/** As `docker save` calls layers, and image-layout of OCI. */
const LAYER = /^(?:blobs\/sha256\/[0-9a-f]{64}|[0-9a-f]{64}(?:\/layer)?\.tar)$/;
const LISTS_LAYERS = /^(?:manifest\.json|oci-layout)$/;

interface Name {
  readonly name: string;
  /** Whether it is a program by its content. */
  readonly isProgram: boolean;
}

/** undefined: neither packages, as `isOfPackage` knows their files, nor programs. Throws if it is damaged, or too big to look into. */
export function whatIsIn(
  file: RandomAccessFile,
  members: Members,
  isOfPackage: (path: string) => boolean,
  budget: UnpackBudget,
): ArchiveContent | undefined {
  if (members === 'phar') return inPhar(file);
  const isOpened = members === 'zip' && JAVA_OPENS.test(file.path);
  const counting: string[] = [];
  let [hasLayers, listsThem] = [false, false];
  for (const { name, isProgram: isOne } of members === 'zip' ? inZip(file) : inTar(file, budget)) {
    hasLayers ||= LAYER.test(name);
    listsThem ||= LISTS_LAYERS.test(name);
    const counts = isOne || PROGRAMS.test(name) || PUBLISHED.test(name) || (!isOpened && JAVA.test(name));
    if (counts || isOfPackage(name)) counting.push(name);
  }
  if (hasLayers && listsThem) return { what: 'an image of a container', holds: '' };
  const [first, ...others] = counting;
  if (first === undefined) return undefined;
  const more = others.length > 0 ? ` and ${counted(others.length, 'other')}` : '';
  return { what: 'an archive', holds: `${first.slice(0, 200)}${more}` };
}

function* inZip({ size, read }: RandomAccessFile): Generator<Name> {
  const zip = openZip((offset, length) => read(offset, length), size, { entries: MAX_MEMBERS });
  for (const { name } of zip.entries()) yield { name: clean(name), isProgram: false };
}

function* inTar(file: RandomAccessFile, budget: UnpackBudget): Generator<Name> {
  const { read, size } = unpacked(file, budget);
  for (const { path, mode, start } of listTar(read, size, MAX_MEMBERS))
    yield { name: clean(path), isProgram: (mode & 0o111) !== 0 && isProgram(start(RUNNABLE_HEAD)) };
}

function clean(path: string): string {
  return path.replace(/^(?:\.?\/)+/, '');
}

function unpacked(file: RandomAccessFile, budget: UnpackBudget): Pick<RandomAccessFile, 'read' | 'size'> {
  if (!/^(?:\x1f\x8b|\x28\xb5\x2f\xfd)/.test(file.read(0, 4).toString('latin1'))) return file;
  if (file.size > MAX_FILE) throw new Error(`bigger than ${MAX_FILE} bytes`);
  const limit = Math.max(1, Math.min(MAX_UNPACKED, budget.left));
  const bytes = uncompressed(file.read(0, file.size), limit);
  if (bytes === undefined) throw new Error(`unpacked, bigger than ${limit} bytes`);
  budget.left -= bytes.length;
  return { size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) };
}

/** An archive of PHP: what it loads is behind these words (php.net, "Phar file stub"). */
function inPhar(file: RandomAccessFile): ArchiveContent | undefined {
  const at = file.indexOf(Buffer.from('__HALT_COMPILER();'));
  const installed = 'installed.json';
  if (at === -1 || file.indexOf(Buffer.from(installed), at) === -1) return undefined;
  return { what: 'an archive of PHP', holds: installed };
}
