/** Reads a VEX document of whichever format. */

import { AppError, messageOf } from '../errors.ts';
import { openEnvelope } from '../formats/json/envelope.ts';
import { type JsonObject, recordOf } from '../model/json-object.ts';
import { isCsaf, readCsaf } from './csaf.ts';
import { isCycloneDx, readCycloneDxVex } from './cyclonedx.ts';
import { isOpenVex, readOpenVex } from './openvex.ts';
import type { VexDocument } from './statement.ts';

/** Bytes of a document. */
export const MAX_VEX_BYTES = 64 * 1024 * 1024;

/** `text` may be in an attestation (DSSE, in-toto), as cosign attaches it. `name` is for messages. Statements that cannot be used are problems. Throws `bad-config` if it is no VEX document. */
export function readVex(text: string, name: string): VexDocument {
  const document = parse(text, name);
  if (isCycloneDx(document)) return readCycloneDxVex(document, name);
  if (isCsaf(document)) return readCsaf(document, name);
  if (isOpenVex(document)) return readOpenVex(document, name);
  throw new AppError(
    'bad-config',
    `${name} is not a VEX document. Supported: OpenVEX, CSAF and CycloneDX (JSON)`,
  );
}

function parse(text: string, name: string): JsonObject {
  try {
    const content = openEnvelope(JSON.parse(text.replace(/^\uFEFF/, '')));
    return recordOf(typeof content === 'string' ? JSON.parse(content) : content);
  } catch (cause) {
    throw new AppError('bad-config', `${name} is no VEX document: ${messageOf(cause)}`, { cause });
  }
}
