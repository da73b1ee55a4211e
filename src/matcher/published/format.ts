/**
 * The documents of a published database. It is an OCI artifact: its config says what feeds there are and how they were
 * (decision: published-database), each layer is the rows of one set of feeds, a frame of zstd for each chunk of them.
 */
import { z } from 'zod';
import { AppError } from '../../errors.ts';
import { ROW_REVISION } from '../importing/advisory-row.ts';

export const ARTIFACT_TYPE = 'application/vnd.clair.database.v1';
export const CONFIG_TYPE = 'application/vnd.clair.database.config.v1+json';
export const LAYER_TYPE = 'application/vnd.clair.database.layer.v1+zstd';

/** Raised when a reader of the last one cannot read the documents any more. */
export const FORMAT = 1;

/** Bytes of a config or of the index of a layer, unpacked. */
export const INDEX_LIMIT = 64 * 1024 ** 2;
/** Bytes of a chunk, unpacked; packed it may be a little more than that. */
export const CHUNK_LIMIT = 64 * 1024 ** 2;

const sha256 = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const size = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
const name = z.string().min(1).max(500);
const time = z.string().max(64).nullable();

/** A row of `feed_set` as PostgreSQL writes it in JSON. */
const SetRow = z.object({
  name,
  last_attempt: z.string().max(64),
  last_success: time,
  last_error: z.string().nullable(),
  next_try: time,
  asked_with: z.string(),
  failures: z.int(),
});

/** A row of `feed` as PostgreSQL writes it in JSON, without what only means something in one database. */
const FeedRow = z.object({
  name,
  kind: z.enum(['vulnerability', 'enrichment']),
  feed_set: name,
  last_attempt: time,
  last_success: time,
  last_error: z.string().nullable(),
  fingerprint: z.string(),
  reader: z.string(),
  row_count: size,
  problem_count: z.int().min(0),
  problems: z
    .array(z.object({ source: z.string(), where: z.string(), reason: z.string() }).loose())
    .max(1000),
  next_try: time,
  asked_with: z.string(),
  failures: z.int().min(0),
  fingerprint_at: time,
  vanished_at: time,
  pieces_by: z.string(),
});

const LayerEntry = z.object({
  /** The set's name; where a set is of several ecosystems, that of its feed. */
  name,
  digest: sha256,
  size,
  /** The last frame of the layer. */
  index: z.object({ size, digest: sha256 }),
  /** How the scopes of its feeds begin: up to the first colon, or all of it. Empty: facts about CVEs, for every image. */
  scopes: z.array(z.string()),
  /** Positions in `feeds`. */
  feeds: z.array(size).min(1),
});

const DatabaseConfig = z.object({
  format: z.literal(FORMAT),
  /** Of the rows: those of another one are no use. */
  revision: z.int(),
  /** ISO 8601: the last time that one of its feeds was asked, whenever it was built. */
  created: z.iso.datetime(),
  sets: z.array(SetRow).max(10_000),
  feeds: z.array(FeedRow).max(10_000),
  layers: z.array(LayerEntry).max(1000),
});

/** A part of a layer: a frame, in their order. */
const Chunk = z.object({
  /** Bytes of the frame, and of what is in it. */
  size,
  length: size.max(CHUNK_LIMIT),
  /** Of what is in it: the same rows have the same digest, however they are packed. */
  digest: sha256,
});

const LayerIndex = z.object({
  feeds: z
    .array(
      z.object({
        kind: z.enum(['vulnerability', 'enrichment']),
        name,
        /** Form of its rows. */
        rows: z.enum(['advisories', 'records', 'blocks']),
        scopes: z.array(
          z.object({
            key: z.string().min(1),
            distribution: z.unknown().optional(),
            repository: z.unknown().optional(),
          }),
        ),
        chunks: z.array(Chunk),
        /** Which rows each piece of the feed said, see `encode-pieces.ts`. */
        pieces: z.array(Chunk),
      }),
    )
    .min(1),
});

export type DatabaseConfig = z.infer<typeof DatabaseConfig>;
export type PublishedFeed = z.infer<typeof FeedRow>;
export type PublishedSet = z.infer<typeof SetRow>;
export type LayerEntry = z.infer<typeof LayerEntry>;
export type LayerIndex = z.infer<typeof LayerIndex>;
export type IndexedFeed = LayerIndex['feeds'][number];
export type Chunk = z.infer<typeof Chunk>;

/** `where` is for messages. Throws `feed`, for another release's also with what to do. */
export function readConfig(bytes: Buffer, where: string): DatabaseConfig {
  const json = readJson(bytes, where);
  const { format } = z.object({ format: z.int() }).catch({ format: FORMAT }).parse(json);
  if (format !== FORMAT)
    throw new AppError(
      'feed',
      `${where} has format ${format}, this program reads ${FORMAT}: use the release that it was made for, or --update upstream`,
    );
  const config = parse(DatabaseConfig, json, where);
  if (config.revision !== ROW_REVISION)
    throw new AppError(
      'feed',
      `${where} has rows of revision ${config.revision}, this program has ${ROW_REVISION}: use the release that it was made for, or --update upstream`,
    );
  const isThere = (position: number): boolean => position < config.feeds.length;
  if (!config.layers.every(({ feeds }) => feeds.every(isThere))) throw damaged(where, 'a feed is missing');
  return config;
}

/** Throws `feed`. */
export function readLayerIndex(bytes: Buffer, where: string): LayerIndex {
  return parse(LayerIndex, readJson(bytes, where), where);
}

function parse<T extends z.ZodType>(schema: T, json: unknown, where: string): z.infer<T> {
  const read = schema.safeParse(json);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw damaged(where, `${issue?.path.join('.')}: ${issue?.message}`);
}

function readJson(bytes: Buffer, where: string): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    throw damaged(where, 'not valid JSON');
  }
}

/** What is not as it was published: whoever has it gets it again, or another one. */
export function damaged(where: string, what: string): AppError {
  return new AppError(
    'feed',
    `${where} is damaged (${what}): publish it again, or name another --db-repository`,
  );
}
