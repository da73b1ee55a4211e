/** Tells which format an SBOM has, and reads it. */

import { AppError, messageOf } from '../../errors.ts';
import { type JsonObject, recordOf, textOf } from '../../model/json-object.ts';
import { decodeText, openEnvelope } from '../json/envelope.ts';
import { readCycloneDx } from './cyclonedx-json.ts';
import { readCycloneDxXml } from './cyclonedx-xml.ts';
import type { SbomDocument } from './document.ts';
import { readSpdx } from './spdx-json.ts';
import { readSpdxTags } from './spdx-tags.ts';
import { readSpdx3 } from './spdx3.ts';
import { isSyft, readSyft } from './syft-json.ts';
import { uncompressed } from './uncompressed.ts';

/** Bytes of the biggest SBOM that is read. */
export const MAX_SBOM_BYTES = 128 * 1024 * 1024;

const SUPPORTED =
  "want CycloneDX 1.2 to 1.7 (JSON or XML), SPDX 2.2 or 2.3 (JSON or tag-value), SPDX 3.0 (JSON) or Syft's JSON, alone or in an attestation (DSSE, in-toto)";

/** Whether a file that begins so is read as an SBOM without being named one: nothing else that is scanned is JSON or XML. */
export function looksLikeSbom(head: Buffer): boolean {
  return /^\s*[{<]|^(?:#.*\s|\s)*SPDXVersion:/.test(decodeText(head));
}

/** Reads `bytes`; `name` is for messages. Throws `bad-target` if they are no SBOM. */
export function readDocument(bytes: Buffer, name: string): SbomDocument {
  const content = uncompressed(bytes, MAX_SBOM_BYTES);
  if (content === undefined || content.length > MAX_SBOM_BYTES) {
    throw new AppError('bad-target', `${name} is over ${MAX_SBOM_BYTES >> 20} MiB, the limit for an SBOM`);
  }
  const packed = PACKED.find(([, magic]) => content.subarray(0, magic.length).equals(magic));
  if (packed !== undefined)
    throw new AppError(
      'bad-target',
      `${name} is ${packed[0]}, which is not decompressed; scan the SBOM in it`,
    );
  return readText(decodeText(content), name);
}

/** What an SBOM may be packed in, and its first bytes. */
const PACKED: readonly (readonly [string, Buffer])[] = [
  ['compressed by xz', Buffer.from('\xfd7zXZ\0', 'latin1')],
  ['compressed by bzip2', Buffer.from('BZh')],
  ['a ZIP archive', Buffer.from('PK\x03\x04')],
  ['compressed twice', Buffer.from('\x1f\x8b', 'latin1')],
];

function readText(text: string, name: string): SbomDocument {
  const first = /\S/.exec(text.slice(0, 65_536))?.[0];
  if (first === '<') {
    if (/cyclonedx\.org\/schema\/bom/.test(text.slice(0, 65_536))) return readCycloneDxXml(text.trimStart());
    throw new AppError('bad-target', `${name} is XML but not CycloneDX; ${SUPPORTED}`);
  }
  if (first !== '{') {
    if (/^SPDXVersion:/m.test(text.slice(0, 65_536))) return readSpdxTags(text);
    throw new AppError('bad-target', `${name} is not an SBOM. ${SUPPORTED}`);
  }
  const content = openEnvelope(parseOne(text, name));
  // An envelope may hold XML or tags as well.
  if (typeof content === 'string' && !/^\s*\{/.test(content)) return readText(content, name);
  return readJson(typeof content === 'string' ? parseJson(content, name) : recordOf(content), name);
}

/** Attestations are downloaded one a line: then the one that is an SBOM counts. */
function parseOne(text: string, name: string): JsonObject {
  const lines = text.split('\n', MAX_LINES + 1).filter((line) => line.trim() !== '');
  if (lines.length < 2 || lines.length > MAX_LINES || !lines.every((line) => /^\s*\{.*\}\s*$/.test(line)))
    return parseJson(text, name);
  const found = lines.map((line) => parseJson(line, name)).filter(isSbom);
  if (found.length > 1)
    throw new AppError('bad-target', `${name} has ${found.length} SBOMs, one a line; put each into a file`);
  return found[0] ?? parseJson(lines[0]!, name);
}

const MAX_LINES = 1000;

function isSbom(json: JsonObject): boolean {
  const content = openEnvelope(json);
  const { bomFormat, spdxVersion, '@graph': graph, ...rest } = recordOf(content);
  if (typeof content === 'string') return looksLikeSbom(Buffer.from(content.slice(0, 1000)));
  return bomFormat !== undefined || spdxVersion !== undefined || graph !== undefined || isSyft(rest);
}

function readJson(json: JsonObject, name: string): SbomDocument {
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

function parseJson(text: string, name: string): JsonObject {
  try {
    return recordOf(JSON.parse(text));
  } catch (error) {
    throw new AppError(
      'bad-target',
      `${name} is not an SBOM: its JSON cannot be parsed: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  }
}
