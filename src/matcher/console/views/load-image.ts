/** One image with what belongs to it: its layers, the image that it was made from, the one before it. */
import type { Session } from '../../../db/database.ts';
import { AppError } from '../../../errors.ts';
import type { ImageLedger } from '../image-ledger.ts';
import { chainOf } from '../store/save-manifests.ts';
import { type ImageRow, imageColumns } from './image-row.ts';

export interface LoadedImage extends ImageRow {
  readonly layer_digests: readonly string[];
  readonly instructions: readonly string[] | null;
  /** [number of the layer, path] */
  readonly places: readonly (readonly [number, string])[];
  readonly ledger: ImageLedger | null;
  /** How many of its layers are those of `base`; 0: no such image is known. */
  readonly baseLayers: number;
  readonly base: ImageReference | null;
}

export interface ImageReference {
  readonly digest: string;
  readonly name: string | null;
}

/** Throws `not-found`. */
export async function loadImage(db: Session, digest: string, since: Date): Promise<LoadedImage> {
  const [row] = await db.query<Omit<LoadedImage, 'base' | 'baseLayers'>>({
    name: 'console-load-image',
    text: `
      select ${imageColumns('$2::timestamptz')}, i.layers as layer_digests, i.instructions,
        coalesce(c.places, '[]') as places, c.ledger
      from console_image i left join console_content c on c.image = i.id
      where i.digest = $1`,
    values: [digest, since],
  });
  if (row === undefined) {
    throw new AppError('not-found', `image "${digest}" is not indexed: submit it to the indexer`);
  }
  return { ...row, ...(await loadBase(db, row.layer_digests)) };
}

/** The indexed image with most layers that this one begins with. */
async function loadBase(
  db: Session,
  layers: readonly string[],
): Promise<Pick<LoadedImage, 'base' | 'baseLayers'>> {
  const chains = layers.slice(1).map((_, index) => chainOf(layers.slice(0, index + 1))!.toString('hex'));
  const [base] = await db.query<ImageReference & { layers: number }>({
    name: 'console-load-base',
    text: `
      select digest, name, cardinality(layers) as layers from console_image
      where chain = any (select decode(hex, 'hex') from unnest($1::text[]) as hex)
      order by cardinality(layers) desc, name is null, newest desc, id desc limit 1`,
    values: [chains],
  });
  return base === undefined
    ? { base: null, baseLayers: 0 }
    : { base: { digest: base.digest, name: base.name }, baseLayers: base.layers };
}

/** The image that had the newest name before. */
export async function loadPrevious(db: Session, image: number): Promise<ImageReference | null> {
  const [row] = await db.query<ImageReference>({
    name: 'console-load-previous',
    text: `
      select i.digest, o.name || case when o.tag = '' then '' else ':' || o.tag end as name
      from (select * from console_repository where image = $1 order by at desc limit 1) own
      join console_repository o on o.name = own.name and o.image <> $1 and o.at <= own.at
      join console_image i on i.id = o.image
      order by o.at desc, o.image desc limit 1`,
    values: [image],
  });
  return row ?? null;
}

/** The digest of the newest image that has `name`, with or without a tag. Throws `not-found`. */
export async function loadByName(db: Session, name: string): Promise<string> {
  const at = name.lastIndexOf(':');
  const split = at > name.lastIndexOf('/') ? [name.slice(0, at), name.slice(at + 1)] : [name, null];
  const [row] = await db.query<{ digest: string }>({
    name: 'console-load-by-name',
    text: `
      select i.digest from console_repository r join console_image i on i.id = r.image
      where r.name = $1 and ($2::text is null or r.tag = $2)
      order by r.at desc, r.image desc limit 1`,
    values: split,
  });
  if (row === undefined) throw new AppError('not-found', `no image has the name "${name}"`);
  return row.digest;
}
