/** A published database at its place: which one it is, what it says, and whether it may be believed. */
import { readManifest } from '../../artifact/manifest.ts';
import { type ArtifactPlace, verified } from '../../artifact/place.ts';
import { verifySignature } from '../../artifact/verify-signature.ts';
import { AppError } from '../../errors.ts';
import type { PublicKey } from '../../signing/public-key.ts';
import { sha256 } from './encode-chunks.ts';
import {
  ARTIFACT_TYPE,
  CONFIG_TYPE,
  type DatabaseConfig,
  damaged,
  INDEX_LIMIT,
  type LayerEntry,
  type LayerIndex,
  readConfig,
  readLayerIndex,
} from './format.ts';
import { unpack } from './spool-chunks.ts';

export interface PublishedDatabase {
  readonly place: ArtifactPlace;
  /** Of its manifest. */
  readonly digest: string;
  readonly config: DatabaseConfig;
  readonly created: Date;
}

export interface OpenOptions {
  /** One of them must have signed it; undefined: nobody is asked. */
  readonly keys?: readonly PublicKey[];
}

/** Reads manifest and config. Throws `bad-target` if it is not there or not signed, `feed` if it cannot be read. */
export async function openPublished(place: ArtifactPlace, { keys }: OpenOptions): Promise<PublishedDatabase> {
  const where = `${place.name}:${place.reference}`;
  const bytes = await place.manifest(place.reference);
  if (bytes === undefined)
    throw new AppError(
      'bad-target',
      `there is no published database ${where}: name another --db-repository, or push one`,
    );
  const digest = sha256(bytes);
  const manifest = readManifest(bytes, where);
  const { artifactType = manifest.config.mediaType, config: described } = manifest;
  if (described.mediaType !== CONFIG_TYPE)
    throw new AppError(
      'feed',
      `${where} is of type ${artifactType}, this program reads ${ARTIFACT_TYPE}: name another --db-repository, or use --update upstream`,
    );
  // Before anything that it says is used.
  if (keys !== undefined) await verifySignature(place, digest, keys);
  if (described.size > INDEX_LIMIT) throw damaged(where, 'its config is too long');
  const config = readConfig(
    verified(await place.read(described.digest, 0, described.size), described.digest, where),
    where,
  );
  for (const { name, digest: layer, size } of config.layers) {
    if (!manifest.layers.some((each) => each.digest === layer && each.size === size))
      throw damaged(where, `layer ${name} is not in its manifest`);
  }
  return { place, digest, config, created: new Date(config.created) };
}

/** Reads what is in a layer. */
export async function openLayer({ place }: PublishedDatabase, layer: LayerEntry): Promise<LayerIndex> {
  const where = `${place.name}: layer ${layer.name}`;
  const { size, digest } = layer.index;
  if (size > Math.min(layer.size, INDEX_LIMIT)) throw damaged(where, 'its index is too long');
  const bytes = await place.read(layer.digest, layer.size - size, layer.size);
  return readLayerIndex(unpack(bytes, { length: INDEX_LIMIT, digest }, where), where);
}
