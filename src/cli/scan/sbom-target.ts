/** `sbom:FILE`, `sbom:-`, `pkg:TYPE/NAME@VERSION`, `purl:FILE`, or a file that is an SBOM: in place of an image, what somebody wrote of one. */
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { ecosystems } from '../../ecosystems/index.ts';
import { AppError, messageOf } from '../../errors.ts';
import { looksLikeSbom, MAX_SBOM_BYTES } from '../../formats/sbom/read-document.ts';
import { readAll } from '../../lib/read-all.ts';
import { type IndexReportWire, toWire } from '../../model/index-report-wire.ts';
import { parsePurl } from '../../model/purl.ts';
import { readSbom, type SbomNames } from '../../sbom/read-sbom.ts';
import type { TargetNames } from '../outcome/target-names.ts';

export interface SbomTarget {
  readonly name: string;
  readonly kind: 'sbom';
  readonly index: IndexReportWire;
  readonly names: TargetNames;
}

const PREFIX = 'sbom:';
const PURLS = 'purl:';
const HEAD = 8192;

/** undefined: `text` names something else. Throws `bad-target` if it is an SBOM that cannot be read. */
export async function openSbom(text: string, stdin: Readable): Promise<SbomTarget | undefined> {
  if (text.startsWith(PREFIX)) {
    const path = text.slice(PREFIX.length);
    if (path === '')
      throw new AppError('bad-target', `${text} names no file: expected sbom:FILE, or sbom:- for stdin`);
    return path === '-' ? read(await collect(stdin, 'stdin'), 'stdin') : read(await readFile(path), path);
  }
  if (text.startsWith('pkg:')) return read(bomOf([text], text), text);
  if (text.startsWith(PURLS)) {
    const path = text.slice(PURLS.length);
    const bytes = path === '-' ? await collect(stdin, 'stdin') : await readFile(path);
    return read(bomOf(bytes.toString('utf8').split('\n'), path), path);
  }
  // Only a regular file is opened unasked: reading from a pipe would take what is in it.
  return (await isSbomFile(text)) ? read(await readFile(text), text) : undefined;
}

/** Package URLs, one a line, as an SBOM; a line may be empty or a remark (#). Throws `bad-target` for any other. */
function bomOf(lines: readonly string[], name: string): Buffer {
  const components = lines.flatMap((line, index) => {
    const text = line.trim();
    if (text === '' || text.startsWith('#')) return [];
    const purl = parsePurl(text);
    if (purl === undefined || !purl.version)
      throw new AppError(
        'bad-target',
        `${name}: line ${index + 1}: ${JSON.stringify(text.slice(0, 200))} is not a package URL with a version: expected pkg:TYPE/NAME@VERSION`,
      );
    return [{ type: 'library', name: purl.name, version: purl.version, purl: text }];
  });
  if (components.length === 0) throw new AppError('bad-target', `${name} contains no package URL`);
  return Buffer.from(JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', components }));
}

function read(bytes: Buffer, file: string): SbomTarget {
  const { subject, report, names } = readSbom(bytes, file, ecosystems);
  return {
    name: subject === '' ? file : `${subject} (${file})`,
    kind: 'sbom',
    index: toWire(report),
    names: { indexes: [], names: placesIn(names.subject), sbom: names },
  };
}

/** Names of the image that an SBOM describes, where it says that it is one: by a digest, a tag or a package URL. */
function placesIn(subject: SbomNames['subject']): string[] {
  const purl = parsePurl(subject?.purl ?? '');
  const place = purl?.type === 'oci' ? purl.qualifiers.get('repository_url') : undefined;
  const tag = purl?.qualifiers.get('tag');
  const name = subject?.name ?? '';
  return [
    ...(place === undefined ? [] : [tag === undefined ? place : `${place}:${tag}`]),
    ...(/^[^/].*[:@]|^[^/]+\.[^/]+\//.test(name) ? [name] : []),
  ];
}

async function isSbomFile(path: string): Promise<boolean> {
  try {
    await using file = await open(path);
    if (!(await file.stat()).isFile()) return false;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD), 0, HEAD, 0);
    return looksLikeSbom(buffer.subarray(0, bytesRead));
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
    throw new AppError('bad-target', `cannot read SBOM ${path}: ${messageOf(error)}`, { cause: error });
  }
}

async function collect(stream: Readable, name: string): Promise<Buffer> {
  const tooBig = (): AppError =>
    new AppError('bad-target', `${name} is over ${MAX_SBOM_BYTES >> 20} MiB, the limit for an SBOM`);
  return await readAll(stream, MAX_SBOM_BYTES, tooBig);
}
