/** `sbom:FILE`, `sbom:-`, or a file that is an SBOM: in place of an image, what somebody wrote of one. */
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { ecosystems } from '../../ecosystems/index.ts';
import { AppError, messageOf } from '../../errors.ts';
import { readAll } from '../../lib/read-all.ts';
import { type IndexReportWire, toWire } from '../../model/index-report-wire.ts';
import { looksLikeSbom, MAX_SBOM_BYTES } from '../../sbom/read-document.ts';
import { readSbom } from '../../sbom/read-sbom.ts';

export interface SbomTarget {
  readonly name: string;
  readonly kind: 'sbom';
  readonly index: IndexReportWire;
}

const PREFIX = 'sbom:';
const HEAD = 8192;

/** undefined: `text` names something else. Throws `bad-target` if it is an SBOM that cannot be read. */
export async function openSbom(text: string, stdin: Readable): Promise<SbomTarget | undefined> {
  if (text.startsWith(PREFIX)) {
    const path = text.slice(PREFIX.length);
    if (path === '')
      throw new AppError('bad-target', `${text} names no file: want sbom:FILE, or sbom:- for stdin`);
    return path === '-' ? read(await collect(stdin, 'stdin'), 'stdin') : read(await readFile(path), path);
  }
  // Only a regular file is opened unasked: reading from a pipe would take what is in it.
  return (await isSbomFile(text)) ? read(await readFile(text), text) : undefined;
}

function read(bytes: Buffer, file: string): SbomTarget {
  const { subject, report } = readSbom(bytes, file, ecosystems);
  return { name: subject === '' ? file : `${subject} (${file})`, kind: 'sbom', index: toWire(report) };
}

async function isSbomFile(path: string): Promise<boolean> {
  try {
    await using file = await open(path);
    if (!(await file.stat()).isFile()) return false;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD), 0, HEAD, 0);
    return looksLikeSbom(buffer.toString('utf8', 0, bytesRead));
  } catch {
    return false; // whatever else it names says why it cannot be read
  }
}

async function readFile(path: string): Promise<Buffer> {
  try {
    await using file = await open(path);
    return await collect(file.createReadStream({ autoClose: false }), path);
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('bad-target', `cannot read the SBOM ${path}: ${messageOf(error)}`, { cause: error });
  }
}

async function collect(stream: Readable, name: string): Promise<Buffer> {
  const tooBig = (): AppError =>
    new AppError('bad-target', `${name} is over ${MAX_SBOM_BYTES >> 20} MiB, too big for an SBOM`);
  return await readAll(stream, MAX_SBOM_BYTES, tooBig);
}
