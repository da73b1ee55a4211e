/** Tells which format an SBOM has, and reads it. */
import { AppError, messageOf } from '../errors.ts';
import { readCycloneDx } from './cyclonedx-json.ts';
import { readCycloneDxXml } from './cyclonedx-xml.ts';
import { type Json, recordOf, type SbomDocument, textOf } from './document.ts';
import { readSpdx } from './spdx-json.ts';
import { readSpdxTags } from './spdx-tags.ts';
import { readSpdx3 } from './spdx3.ts';
import { isSyft, readSyft } from './syft-json.ts';

/** Bytes of the biggest SBOM that is read. */
export const MAX_SBOM_BYTES = 128 * 1024 * 1024;

const SUPPORTED =
  "want CycloneDX 1.2 to 1.7 (JSON or XML), SPDX 2.2 or 2.3 (JSON or tag-value), SPDX 3.0 (JSON) or Syft's JSON";

/** Whether a file that begins so may be an SBOM: for those that are not said to be one. */
export function looksLikeSbom(head: string): boolean {
  return (
    /^\s*SPDXVersion:/.test(head) ||
    /^\s*<.*cyclonedx\.org\/schema\/bom/s.test(head) ||
    (/^\s*\{/.test(head) && /"bomFormat"|"spdxVersion"|spdx\.org\/rdf|^\s*\{\s*"artifacts"\s*:/.test(head))
  );
}

/** Reads `bytes`; `name` is for messages. Throws `bad-target` if they are no SBOM. */
export function readDocument(bytes: Buffer, name: string): SbomDocument {
  if (bytes.length > MAX_SBOM_BYTES) {
    throw new AppError('bad-target', `${name} is over ${MAX_SBOM_BYTES >> 20} MiB, too big for an SBOM`);
  }
  const text = decode(bytes);
  const first = /\S/.exec(text.slice(0, 4096))?.[0];
  if (first === '<') {
    if (/cyclonedx\.org\/schema\/bom/.test(text.slice(0, 4096))) return readCycloneDxXml(text);
    throw new AppError('bad-target', `${name} is XML but not CycloneDX; ${SUPPORTED}`);
  }
  if (/^SPDXVersion:/m.test(text.slice(0, 65_536))) return readSpdxTags(text);
  if (first !== '{') throw new AppError('bad-target', `${name} is no SBOM; ${SUPPORTED}`);
  return readJson(parseJson(text, name), name);
}

function readJson(json: Json, name: string): SbomDocument {
  if (json.bomFormat === 'CycloneDX') {
    const version = textOf(json.specVersion);
    if (!/^1\.\d+$/.test(version)) throw unsupported(name, `CycloneDX ${version || 'without specVersion'}`);
    return readCycloneDx(json);
  }
  if (typeof json.spdxVersion === 'string') {
    if (!/^SPDX-2\.\d+$/.test(json.spdxVersion)) throw unsupported(name, json.spdxVersion);
    return readSpdx(json);
  }
  if (Array.isArray(json['@graph']) && /spdx\.org\/rdf\/3/.test(JSON.stringify(json['@context'] ?? ''))) {
    return readSpdx3(json);
  }
  if (isSyft(json)) return readSyft(json);
  // Trivy's own report is often taken for an SBOM.
  if (json.ArtifactName !== undefined) throw unsupported(name, 'a report of Trivy');
  throw new AppError('bad-target', `${name} is JSON but no SBOM; ${SUPPORTED}`);
}

function unsupported(name: string, what: string): AppError {
  return new AppError('bad-target', `${name} is ${what}, which cannot be read; ${SUPPORTED}`);
}

/** UTF-8, or UTF-16 where a byte order mark says so, as some shells of Windows write. */
function decode(bytes: Buffer): string {
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8';
  return new TextDecoder(encoding).decode(bytes);
}

function parseJson(text: string, name: string): Json {
  try {
    return recordOf(JSON.parse(text));
  } catch (error) {
    throw new AppError('bad-target', `${name} is no SBOM: its JSON cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
