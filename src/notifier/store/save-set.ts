/** Writes a set of notifications, in the transaction of the run that it tells of. */
import type { Session } from '../../db/database.ts';
import type { Item } from '../collect.ts';
import { nameUuid } from '../names.ts';

/** A set: what one run of an updater changed. */
export interface NewSet {
  readonly id: string;
  readonly updater: string;
  /** Of the run. */
  readonly ref: string;
  readonly created: Date;
}

/** Takes the items of a set; there is no row of it before the first. */
export interface SetWriter {
  write(items: readonly Item[]): Promise<void>;
  /** Queues the set for `targets`; gives the count of its items. */
  finish(targets: readonly string[]): Promise<number>;
}

/** Ids follow from what they name: an item that is there already stays as it is. */
export function setWriter(tx: Session, set: NewSet): SetWriter {
  const known = new Set<string>();
  let begun = false;
  return {
    async write(items) {
      if (!begun) await insertSet(tx, set);
      begun = true;
      const rows = items.map(({ manifest, reason, vulnerability }) => {
        const key = nameUuid(vulnerability.body);
        return {
          manifest,
          reason,
          key,
          body: vulnerability.body,
          id: nameUuid(set.id, manifest, reason, key),
        };
      });
      const fresh = new Map(rows.filter(({ key }) => !known.has(key)).map(({ key, body }) => [key, body]));
      for (const key of fresh.keys()) known.add(key);
      await insertVulnerabilities(tx, set.id, fresh);
      await insertItems(tx, set.id, rows);
    },
    async finish(targets) {
      if (!begun) return 0;
      await tx.query({
        name: 'queue-deliveries',
        text: `
          insert into notification_delivery (notification, target, due)
          select $1, target, $3 from unnest($2::text[]) as target on conflict do nothing`,
        values: [set.id, targets, set.created],
      });
      const [row] = await tx.query<{ items: number }>({
        name: 'count-items',
        text: `
          update notification set items = (select count(*) from notification_item where notification = $1)
          where id = $1 returning items`,
        values: [set.id],
      });
      return row?.items ?? 0;
    },
  };
}

async function insertSet(tx: Session, { id, updater, ref, created }: NewSet): Promise<void> {
  await tx.query({
    name: 'insert-notification',
    text: `
      insert into notification (id, updater, ref, items, created) values ($1, $2, $3, 0, $4)
      on conflict (id) do nothing`,
    values: [id, updater, ref, created],
  });
}

async function insertVulnerabilities(
  tx: Session,
  set: string,
  fresh: ReadonlyMap<string, string>,
): Promise<void> {
  if (fresh.size === 0) return;
  await tx.query({
    name: 'insert-vulnerabilities',
    text: `
      insert into notification_vulnerability (notification, key, body)
      select $1, * from unnest($2::uuid[], $3::text[]) on conflict do nothing`,
    values: [set, [...fresh.keys()], [...fresh.values()]],
  });
}

interface ItemRow {
  readonly id: string;
  readonly manifest: string;
  readonly reason: string;
  readonly key: string;
}

async function insertItems(tx: Session, set: string, rows: readonly ItemRow[]): Promise<void> {
  await tx.query({
    name: 'insert-items',
    text: `
      insert into notification_item (notification, id, manifest, reason, vulnerability)
      select $1, * from unnest($2::uuid[], $3::text[], $4::text[], $5::uuid[]) on conflict do nothing`,
    values: [
      set,
      rows.map(({ id }) => id),
      rows.map(({ manifest }) => manifest),
      rows.map(({ reason }) => reason),
      rows.map(({ key }) => key),
    ],
  });
}
