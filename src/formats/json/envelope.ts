/** Documents in attestations: DSSE envelopes, in-toto statements, Sigstore bundles, and what other tools wrap around them. */
import { isObject, recordOf } from '../../model/json-object.ts';

/** An envelope in a statement in a bundle is three deep. */
const MAX_DEPTH = 6;

/** What is in the envelopes around `value`: a text or an object; `value` itself if it is in none. Signatures are not verified. */
export function openEnvelope(value: unknown): unknown {
  let inner = value;
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const next = contentOf(inner);
    if (next === undefined) return inner;
    inner = next;
  }
  return inner;
}

/** undefined: it is no envelope. */
function contentOf(value: unknown): unknown {
  if (typeof value === 'string') return jsonOf(value);
  const json = recordOf(value);
  // DSSE v1: `payload` in base64, of either alphabet.
  if (typeof json.payloadType === 'string' && typeof json.payload === 'string')
    return decodeText(Buffer.from(json.payload, 'base64'));
  // Sigstore bundle.
  if (isObject(json.dsseEnvelope)) return json.dsseEnvelope;
  if (typeof json._type === 'string' && 'predicate' in json) {
    const { predicate } = json;
    // cosign's own predicate of older versions.
    const data = recordOf(predicate).Data;
    return data ?? predicate;
  }
  // GitHub's API: `{"sbom": {"spdxVersion": …}}`. Docker's buildx: `{"SPDX": …}`, or that by the name of the one platform.
  const [[key, inner] = ['', undefined], ...more] = Object.entries(json);
  if (more.length > 0 || !isObject(inner)) return undefined;
  return key === 'sbom' || key === 'SPDX' || /^[a-z0-9]+\/[a-z0-9_/]+$/.test(key) ? inner : undefined;
}

/** An object in a text; undefined if it is none. */
function jsonOf(text: string): unknown {
  if (!/^\s*\{/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Text in UTF-8, or in UTF-16 of either byte order where its mark or its first character says so, as shells of Windows write. */
export function decodeText(bytes: Buffer): string {
  const [a, b] = bytes;
  if ((a === 0xfe && b === 0xff) || (a === 0 && b !== undefined && b !== 0))
    return new TextDecoder('utf-16be').decode(bytes);
  if ((a === 0xff && b === 0xfe) || (b === 0 && a !== undefined && a !== 0))
    return new TextDecoder('utf-16le').decode(bytes);
  return new TextDecoder('utf-8').decode(bytes);
}
