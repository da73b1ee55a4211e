/** The list of images: filtered, sorted and paged by the database. */
import type { Session } from '../../../db/database.ts';
import type { ConsoleImageCounts, Total } from '../../../model/api/console/types.ts';
import { COUNT_LIMIT, type Cursor, pageOf, pageSql, type Sorting, totalOf } from '../paging.ts';
import { queryOf } from '../terms.ts';
import { type ImageRow, imageColumns } from './image-row.ts';

export const IMAGE_KEYS = {
  risk: { key: 'i.risk_order', type: 'float8' },
  critical: { key: 'i.critical::float8', type: 'float8' },
  exploited: { key: 'i.exploited::float8', type: 'float8' },
  fixable: { key: 'i.fixable::float8', type: 'float8' },
  indexed: { key: `coalesce(i.indexed, 'epoch')`, type: 'timestamptz' },
  name: { key: `coalesce(i.name, '')`, type: 'text' },
  changed: { key: `coalesce(i.changed, 'epoch')`, type: 'timestamptz' },
} as const satisfies Record<string, Omit<Sorting, 'descending'>>;

export interface ImageFilter {
  readonly q?: string | undefined;
  readonly label?: readonly (readonly [string, string])[] | undefined;
  readonly distribution?: string | undefined;
  readonly exploited?: boolean | undefined;
  readonly incomplete?: boolean | undefined;
  readonly failed?: boolean | undefined;
  readonly changedSince?: Date | undefined;
  readonly newest: boolean;
}

const WHERE = `
  (not $1::boolean or i.newest)
  and ($2::text is null or i.words @@ $2::tsquery)
  and ($3::jsonb is null or i.labels @> $3::jsonb)
  and ($4::text is null or i.distribution = $4)
  and (not $5::boolean or i.exploited > 0)
  and (not $6::boolean or i.coverage <> 'complete')
  and (not $7::boolean or i.state = 'IndexError')
  and ($8::timestamptz is null or i.changed >= $8)`;

function filterValues(filter: ImageFilter): unknown[] {
  return [
    filter.newest,
    (filter.q && queryOf(filter.q)) ?? null,
    filter.label === undefined ? null : JSON.stringify(Object.fromEntries(filter.label)),
    filter.distribution ?? null,
    filter.exploited ?? false,
    filter.incomplete ?? false,
    filter.failed ?? false,
    filter.changedSince ?? null,
  ];
}

export async function listImages(
  db: Session,
  filter: ImageFilter,
  sorting: Sorting,
  {
    limit,
    after,
    since,
  }: { readonly limit: number; readonly after: Cursor | undefined; readonly since: Date },
): Promise<{ total: Total; images: readonly ImageRow[]; next: string | null }> {
  const { where, order } = pageSql(sorting, 'i.id', 9);
  const values = filterValues(filter);
  const key = sorting.type === 'timestamptz' ? `to_json(${sorting.key}) #>> '{}'` : sorting.key;
  const rows = await db.query<ImageRow & { key: string | number }>({
    text: `
      select ${imageColumns('$12::timestamptz')}, ${key} as key
      from console_image i
      where ${WHERE} and ${where}
      order by ${order}
      limit $11`,
    values: [...values, after?.[0] ?? null, after?.[1] ?? null, limit + 1, since],
  });
  const [count] = await db.query<{ count: number }>({
    text: `select count(*)::int as count from (select from console_image i where ${WHERE} limit ${COUNT_LIMIT}) c`,
    values,
  });
  const { page, next } = pageOf(rows, limit);
  return { total: totalOf(count!.count), images: page, next };
}

/** Filters that are counted beside the list; each has an index, so that what few images have is found without the others. */
const COUNTED_FILTERS = {
  exploited: 'i.exploited > 0',
  incomplete: `i.coverage <> 'complete'`,
  failed: `i.state = 'IndexError'`,
  changed: 'i.changed >= $9',
} as const;

/** From one repository to the next: the tags of each are as many as there are images. */
const REPOSITORIES = `
  with recursive repository (name) as (
    (select name from console_repository order by name limit 1)
    union all
    select (select n.name from console_repository n where n.name > r.name order by n.name limit 1)
    from repository r where r.name is not null
  ) select from repository where name is not null`;

/** How many images each filter would leave of those of `filter`, and how many there are; no count goes past 10,000. */
export async function countImages(
  db: Session,
  filter: ImageFilter,
  since: Date,
): Promise<Omit<ConsoleImageCounts, 'loaded'>> {
  const counted = {
    ...Object.fromEntries(
      Object.entries(COUNTED_FILTERS).map(([name, condition]) => [
        name,
        `select from console_image i where ${WHERE} and ${condition}`,
      ]),
    ),
    newest: 'select from console_image where newest',
    repositories: REPOSITORIES,
    manifests: 'select from console_image',
  };
  const columns = Object.entries(counted).map(
    ([name, rows]) => `(select count(*)::int from (${rows} limit ${COUNT_LIMIT}) c) as ${name}`,
  );
  type Name = keyof typeof COUNTED_FILTERS | 'newest' | 'repositories' | 'manifests';
  const [row] = await db.query<Record<Name, number>>({
    text: `select ${columns.join(', ')}`,
    values: [...filterValues(filter), since],
  });
  const { exploited, incomplete, failed, changed, newest, repositories, manifests } = row!;
  return {
    filters: {
      exploited: totalOf(exploited),
      incomplete: totalOf(incomplete),
      failed: totalOf(failed),
      changed: totalOf(changed),
    },
    newest: totalOf(newest),
    repositories: totalOf(repositories),
    manifests: totalOf(manifests),
  };
}
