/** A client's JSON -> Manifest. */
import { z } from 'zod';
import { AppError, messageOf } from '../errors.ts';
import { Digests, Layer, MAX_LAYERS, ManifestBody } from '../model/api/index-report.ts';
import { type Digest, parseDigest } from '../model/digest.ts';
import type { Manifest } from '../model/manifest.ts';

/** What is missing is told in Clair's words, or when the layer is fetched: layers that are known need no address. */
const manifestSchema = ManifestBody.extend({
  hash: ManifestBody.shape.hash.default(''),
  layers: z
    .array(
      Layer.extend({
        uri: Layer.shape.uri.default(''),
        headers: Layer.shape.headers.transform((headers) =>
          Object.fromEntries(Object.entries(headers ?? {}).map(([name, values]) => [name, values ?? []])),
        ),
      }),
    )
    .nullish(),
});

/** Parses the body of `POST index_report`. Throws `bad-request`. */
export function readManifest(body: unknown): Manifest {
  const parsed = manifestSchema.safeParse(readJson(body) ?? {});
  if (!parsed.success) {
    throw new AppError('bad-request', `failed to deserialize manifest: ${z.prettifyError(parsed.error)}`);
  }
  const { hash, layers } = parsed.data;
  if (hash === '' || layers == null || layers.length === 0)
    throw new AppError('bad-request', 'bogus manifest');
  if (layers.length > MAX_LAYERS) {
    throw new AppError(
      'bad-request',
      `bogus manifest: ${layers.length} layers, at most ${MAX_LAYERS} are accepted`,
    );
  }
  return {
    hash: parseDigest(hash),
    layers: layers.map((layer) => ({ ...layer, hash: parseDigest(layer.hash) })),
  };
}

/** Parses the body of the bulk `DELETE index_report`: an array of digests. Throws `bad-request`. */
export function readDigests(body: unknown): Digest[] {
  const parsed = Digests.nullable().safeParse(readJson(body));
  if (!parsed.success) {
    throw new AppError('bad-request', `failed to deserialize bulk delete: ${z.prettifyError(parsed.error)}`);
  }
  return (parsed.data ?? []).map(parseDigest);
}

function readJson(body: unknown): unknown {
  try {
    return JSON.parse(Buffer.isBuffer(body) ? body.toString('utf8') : '');
  } catch (error) {
    throw new AppError('bad-request', `failed to deserialize request body: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
