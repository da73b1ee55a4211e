/** Reads SBOMs that lie in a layer: the packages that they name, and the files that they say these have. */
import type { Detection, Detector, LayerFile, LayerView } from '../../contract/detector.ts';
import { messageOf } from '../../errors.ts';
import { decodeText } from '../../formats/json/envelope.ts';
import { checkShape, identifierOf } from '../../formats/json/file.ts';
import type { SbomComponent, SbomDocument } from '../../formats/sbom/document.ts';
import { readDocument } from '../../formats/sbom/read-document.ts';
import { moduleOf, osRelease, placeOf, sourceOf } from '../../formats/sbom/scanner-properties.ts';
import { uncompressed } from '../../formats/sbom/uncompressed.ts';
import { formatPurl, type Purl, parsePurl } from '../../model/purl.ts';
import { claimsToBeSbom, isSbomFile, isToldElsewhere } from './sbom-files.ts';

/** That of a whole image has some MiB. */
const MAX_BYTES = 16 * 1024 * 1024;

/** What a document describes, and no package. */
const IMAGES: ReadonlySet<string> = new Set(['oci', 'docker']);

/** Files that the packages of a layer's documents have, by the layer, for as long as it is looked at. */
const filesOfLayers = new WeakMap<LayerView, Set<string>>();

// differs: a detector that Clair does not have: SBOMs in images
export const sboms: Detector = {
  id: 'sbom',
  revision: '3',
  kind: 'package',
  account: 'inventory',
  wants: ({ path, type }) => type === 'file' && isSbomFile(path),
  *read(layer): Generator<Detection> {
    const files = new Set<string>();
    filesOfLayers.set(layer, files);
    for (const file of layer.files) yield* packagesIn(file, files);
  },
  *brings(layer, paths) {
    const files = filesOfLayers.get(layer) ?? new Set();
    for (const path of paths) if (files.has(path)) yield path;
  },
};

function* packagesIn(file: LayerFile, files: Set<string>): Generator<Detection> {
  const { path } = file;
  let document: SbomDocument;
  let bytes: Buffer | undefined;
  try {
    if (file.size > MAX_BYTES) throw new Error(`bigger than ${MAX_BYTES} bytes`);
    bytes = uncompressed(file.read(), MAX_BYTES);
    if (bytes === undefined) throw new Error(`decompressed, bigger than ${MAX_BYTES} bytes`);
    checkShape(bytes);
    document = readDocument(bytes, path);
  } catch (error) {
    if (bytes === undefined || claimsToBeSbom(path, decodeText(bytes)))
      yield {
        found: 'problem',
        where: path,
        reason: `a list of packages that is not read: ${messageOf(error)}`,
        kind: 'unread-inventory',
      };
    return;
  }
  const tell = (reason: string): Detection => ({ found: 'problem', where: path, reason });
  let nameless = 0;
  const seen = new Set<string>();
  for (const component of document.components) {
    if (component.role !== 'package') continue;
    const purl = parsePurl(component.purl);
    if (component.purl !== '' && purl === undefined)
      yield tell(`malformed purl ${component.purl.slice(0, 200)}`);
    if (purl !== undefined && (IMAGES.has(purl.type) || isToldElsewhere(path, purl.type))) continue;
    for (const each of [...(component.files ?? []), placeOf(component).path])
      files.add(each.replace(/^\.?\/+/, ''));
    const listed = listedAs(component, purl && withDistribution(purl, document));
    const key = JSON.stringify(listed);
    if (listed === undefined) nameless++;
    else if (!seen.has(key)) {
      seen.add(key);
      yield {
        found: 'package',
        package: { ...listed, kind: 'binary', database: `sbom:${path}`, path, listed: true },
      };
    }
  }
  yield {
    ...tell(
      `a list of ${seen.size === 1 ? '1 package' : `${seen.size} packages`}: it was read (${document.format})`,
    ),
    kind: 'note',
  } as Detection;
  if (nameless > 0) yield tell(`${nameless} of its packages have no readable name and version`);
  for (const { where, reason } of document.problems) yield tell(`${where}: ${reason}`);
}

/** undefined: it has no readable name. */
function listedAs(component: SbomComponent, purl: Purl | undefined) {
  const written = component.name || [purl?.namespace, purl?.name].filter(Boolean).join('/');
  const name = identifierOf(written);
  const version = component.version || (purl?.version ?? '');
  if (name === undefined || (version !== '' && identifierOf(version) === undefined)) return undefined;
  const [source, module] = [sourceOf(component), moduleOf(component)];
  const readable = [source?.name, source?.version, module].every(
    (text) => text === undefined || text === '' || identifierOf(text) !== undefined,
  );
  return {
    name,
    version,
    ...(readable && source && { source }),
    ...(readable && module !== undefined && { module }),
    ...(purl && { hint: formatPurl(purl) }),
  };
}

/** A package that says no distribution is of that which the document names. */
function withDistribution(purl: Purl, { components }: SbomDocument): Purl {
  if (purl.qualifiers.has('distro')) return purl;
  const systems = components.filter(({ role }) => role === 'operating-system');
  const { id, version } = systems.length === 1 ? osRelease(systems[0]!) : { id: '', version: '' };
  if (id === '') return purl;
  const distro = [id, version].filter(Boolean).join('-');
  return { ...purl, qualifiers: new Map(purl.qualifiers).set('distro', distro) };
}
