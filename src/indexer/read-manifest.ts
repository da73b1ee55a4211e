/** A client's JSON -> Manifest. */
import { z } from 'zod';
import { AppError } from '../errors.ts';
import { checkBody, parseBody } from '../http/json-body.ts';
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
  const json = parseBody(body, 'failed to deserialize request body') ?? {};
  const { hash, layers } = checkBody(manifestSchema, json, 'failed to deserialize manifest');
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
  const json = parseBody(body, 'failed to deserialize request body');
  return (checkBody(Digests.nullable(), json, 'failed to deserialize bulk delete') ?? []).map(parseDigest);
}
