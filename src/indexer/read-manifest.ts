/** A client's JSON -> Manifest. */
import { z } from 'zod';
import { AppError, messageOf } from '../errors.ts';
import { type Digest, parseDigest } from '../model/digest.ts';
import type { Manifest } from '../model/manifest.ts';

const MAX_LAYERS = 1024;

const manifestSchema = z.object({
  hash: z.string().default(''),
  layers: z
    .array(
      z.object({
        hash: z.string(),
        uri: z.string().default(''),
        headers: z
          .record(z.string(), z.array(z.string()).nullable())
          .nullish()
          .transform((headers) =>
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
  const parsed = z.array(z.string()).nullable().safeParse(readJson(body));
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
