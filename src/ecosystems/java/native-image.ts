/**
 * Programs that GraalVM compiled from Java ahead of time: they hold no archives, and may hold an SBOM of what they were made
 * of, CycloneDX compressed by gzip (graalvm.org/latest/security-guide/native-image/SBOM).
 */
import { gunzipSync } from 'node:zlib';
import type { Detection, Detector, RandomAccessFile } from '../../contract/detector.ts';
import { messageOf } from '../../errors.ts';
import { checkShape, identifierOf } from '../../formats/json/file.ts';
import { isProgram } from '../../formats/programs/executable.ts';
import { fieldsOf, readMemory } from '../../formats/programs/regions.ts';
import { symbolAddresses } from '../../formats/programs/symbol-addresses.ts';
import type { SbomComponent, SbomDocument } from '../../formats/sbom/document.ts';
import { readDocument } from '../../formats/sbom/read-document.ts';
import { counted } from '../../lib/counted.ts';
import { parsePurl } from '../../model/purl.ts';
import { MAVEN_CENTRAL } from './detect-archives.ts';
import { purl } from './purl.ts';

/** An image with all that it does is bigger; a smaller file is no native image. */
const MIN_SIZE = 256 * 1024;

/** That of a thousand libraries, with their classes, has some MiB. */
const COMPRESSED_LIMIT = 16 * 1024 * 1024;
const JSON_LIMIT = 64 * 1024 * 1024;
/** All in a layer together. */
const LAYER_LIMIT = 512 * 1024 * 1024;

const [SBOM, LENGTH] = ['sbom', 'sbom_length'] as const;

// differs: a detector that Clair does not have: programs of GraalVM that hold an SBOM
export const nativeImages: Detector = {
  id: 'graalvm',
  revision: '2',
  kind: 'package',
  inspects: ({ type, size }) => type === 'file' && size >= MIN_SIZE,
  magic: isProgram,
  inspect: (file) => librariesIn(file, { left: LAYER_LIMIT }),
  perLayer() {
    const budget = { left: LAYER_LIMIT };
    return { inspect: (file) => librariesIn(file, budget) };
  },
};

function* librariesIn(file: RandomAccessFile, budget: { left: number }): Generator<Detection> {
  const { path } = file;
  const problem = (reason: string): Detection => ({ found: 'problem', where: path, reason });
  let document: SbomDocument;
  try {
    const json = sbomIn(file, budget);
    if (json === undefined) return;
    checkShape(json);
    document = readDocument(json, path);
  } catch (error) {
    yield problem(`the SBOM in it cannot be read: ${messageOf(error)}`);
    return;
  }
  let nameless = 0;
  const seen = new Set<string>();
  for (const component of document.components.filter(({ role }) => role === 'package')) {
    const { name = '', version } = libraryOf(component) ?? {};
    if (identifierOf(name) === undefined || identifierOf(version) === undefined) nameless++;
    else if (seen.size < seen.add(`${name} ${version}`).size)
      yield {
        found: 'package',
        package: { name, version: version!, kind: 'binary', database: `graalvm:${path}`, path },
      };
  }
  if (nameless > 0)
    yield problem(`${counted(nameless, 'component')} of the SBOM in it without a readable name and version`);
  for (const { where, reason } of document.problems) yield problem(`${where}: ${reason}`);
  if (seen.size > 0) yield { found: 'repository', repository: MAVEN_CENTRAL };
}

/** undefined: it has none. Throws if what it has cannot be read. */
function sbomIn(file: RandomAccessFile, budget: { left: number }): Buffer | undefined {
  const symbols = symbolAddresses(file, [SBOM, LENGTH]);
  if (symbols === undefined) return undefined;
  const { executable, addresses } = symbols;
  const at = (name: string, length: number) =>
    readMemory(file, executable, addresses.get(name) ?? Number.NaN, length);
  const written = at(LENGTH, 8);
  const length = written === undefined ? Number.NaN : fieldsOf(written, executable.bigEndian).u64(0);
  if (!(length > 0 && length <= COMPRESSED_LIMIT)) throw new Error(`its length is ${length}`);
  const bytes = at(SBOM, length);
  if (bytes === undefined) throw new Error('it is not in the file');
  const json = gunzipSync(bytes, { maxOutputLength: Math.max(1, Math.min(JSON_LIMIT, budget.left)) });
  budget.left -= json.length;
  return json;
}

/** By the package URL; older versions write none, and the group before the name. */
function libraryOf({
  purl: text,
  name,
  version,
}: SbomComponent): { name: string; version: string } | undefined {
  const written = parsePurl(text);
  return written === undefined ? { name: name.replace('/', ':'), version } : purl.fromPurl(written)?.package;
}
