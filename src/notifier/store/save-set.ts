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

/** Some of the items of a set, as they are written: a vulnerability comes with the first of them that tells of it. */
export interface SetPart {
  /** `key` is that of the vulnerability. */
  readonly items: readonly (readonly [manifest: string, reason: string, key: string])[];
  readonly vulnerabilities: readonly (readonly [key: string, body: string])[];
}

/** Makes parts of one set. */
export function partMaker(): (items: readonly Item[]) => SetPart {
  const known = new Set<string>();
  return (items) => {
    const vulnerabilities: [string, string][] = [];
    const rows = items.map(({ manifest, reason, vulnerability: { body } }) => {
      const key = nameUuid(body);
      if (!known.has(key)) vulnerabilities.push([key, body]);
      known.add(key);
      return [manifest, reason, key] as const;
    });
    return { items: rows, vulnerabilities };
  };
}

/**
 * Writes a set and queues it for `targets`; gives the count of its items. Without parts there is no set. Ids follow from
 * what they name: an item that is there already stays as it is.
 */
export async function saveSet(
  tx: Session,
  set: NewSet,
  parts: Iterable<SetPart>,
  targets: readonly string[],
): Promise<number> {
  let begun = false;
  for (const { items, vulnerabilities } of parts) {
    if (!begun) await insertSet(tx, set);
    begun = true;
    await insertVulnerabilities(tx, set.id, vulnerabilities);
    const rows = items.map(([manifest, reason, key]) => ({
      ...{ manifest, reason, key },
      id: nameUuid(set.id, manifest, reason, key),
    }));
    await insertItems(tx, set.id, rows);
  }
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
  fresh: SetPart['vulnerabilities'],
): Promise<void> {
  if (fresh.length === 0) return;
  await tx.query({
    name: 'insert-vulnerabilities',
    text: `
      insert into notification_vulnerability (notification, key, body)
      select $1, * from unnest($2::uuid[], $3::text[]) on conflict do nothing`,
    values: [set, fresh.map(([key]) => key), fresh.map(([, body]) => body)],
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
