/** Labels that views can be narrowed to. */
import type { Session } from '../../../db/database.ts';
import { AppError } from '../../../errors.ts';
import type { ConsoleLabels } from '../../../model/api/console/types.ts';
import { MAX_VALUES } from '../store/labels.ts';

/** A label as a view is narrowed to it. */
export interface CountedLabel {
  readonly id: number;
  /** As `labels @>` takes it. */
  readonly json: string;
}

/** No label has it: nothing is counted for a label that no image has. */
const NONE = 0;

/**
 * Returns the label that `pair` names; undefined without one. Throws `bad-request` if it is not counted, `not-ready` if it is
 * being counted.
 */
export async function findLabel(
  db: Session,
  pair: readonly [string, string] | undefined,
): Promise<CountedLabel | undefined> {
  if (pair === undefined) return undefined;
  const [key, value] = pair;
  const json = JSON.stringify({ [key]: value });
  const [row] = await db.query<{ id: number; counted: Date | null }>({
    name: 'console-find-label',
    text: 'select id, counted from console_label where key = $1 and value = $2',
    values: [key, value],
  });
  const shown = `label ${JSON.stringify(`${key}:${value}`)}`;
  if (row?.counted === null)
    throw new AppError('not-ready', `${shown} is being counted: try again in a minute`);
  if (row !== undefined) return { id: row.id, json };
  const [image] = await db.query({
    name: 'console-image-of-label',
    text: 'select from console_image where labels @> $1::jsonb limit 1',
    values: [json],
  });
  if (image !== undefined)
    throw new AppError(
      'bad-request',
      `${shown} is not counted: its key has more than ${MAX_VALUES} values. The list of images takes it`,
    );
  return { id: NONE, json };
}

/** Those that most images have, without `q` or with it as a part of the label. */
export async function listLabels(
  db: Session,
  { q, all, limit }: { readonly q: string | undefined; readonly all: boolean; readonly limit: number },
): Promise<ConsoleLabels> {
  const images = all ? 'images_all' : 'images';
  const rows = await db.query<ConsoleLabels['labels'][number]>({
    text: `
      select * from (
        select key, value, ${images} as images from console_label
        where ${images} > 0 and ($1::text is null or strpos(lower(key || ':' || value), lower($1)) > 0)
        order by ${images} desc, key, value limit $2
      ) most order by key, images desc, value`,
    values: [q || null, limit],
  });
  return { labels: [...rows] };
}
