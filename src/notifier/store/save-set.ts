/** Writes notification sets: page by page while they are created, and queued when they are complete. */
import type { Session } from '../../db/database.ts';
import type { Item, SetPlace } from '../collect.ts';
import { nameUuid } from '../names.ts';
import { compareWeight, readWeight, type Weighed } from '../narrow.ts';

/** A set: the notifications of one run of an updater. */
export interface NewSet {
  readonly id: string;
  readonly updater: string;
  /** Ref of the run. */
  readonly ref: string;
  readonly created: Date;
  /** Whether only the most severe notification of each manifest and reason is kept. */
  readonly summary: boolean;
}

/** Begins a set unless it is begun. Deletes an unfinished set of another run of the updater, which would not be continued. */
export async function beginSet(tx: Session, { id, updater, ref, created }: NewSet): Promise<void> {
  await tx.query({
    name: 'begin-set',
    text: `
      with other as (
        delete from notifier_gathering where updater = $2 and notification <> $1 returning notification
      ), forgotten as (
        update notification set forgotten = true where id in (select notification from other)
      )
      insert into notification (id, updater, ref, items, created) values ($1, $2, $3, 0, $4)
      on conflict (id) do nothing`,
    values: [id, updater, ref, created],
  });
  await tx.query({
    name: 'begin-gathering',
    text: 'insert into notifier_gathering (notification, updater) values ($1, $2) on conflict do nothing',
    values: [id, updater],
  });
}

/** Returns the progress of a set, and the failures since it last advanced; undefined if it is not begun. */
export async function loadGathering(
  db: Session,
  id: string,
): Promise<{ readonly place: SetPlace; readonly failures: number } | undefined> {
  const [row] = await db.query<SetPlace & { failures: number }>({
    name: 'load-gathering',
    text: 'select changes, chunk, next, failures from notifier_gathering where notification = $1',
    values: [id],
  });
  return row && { place: { changes: row.changes, chunk: row.chunk, next: row.next }, failures: row.failures };
}

/** Counts a failure of a begun set. Returns their number. */
export async function countFailure(tx: Session, id: string): Promise<number> {
  const [row] = await tx.query<{ failures: number }>({
    name: 'count-gathering-failure',
    text: `
      update notifier_gathering set failures = failures + 1 where notification = $1 returning failures`,
    values: [id],
  });
  return row?.failures ?? 0;
}

/** Computes keys of vulnerabilities, and remembers which are stored. */
export class StoredVulnerabilities {
  readonly #keys = new WeakMap<Weighed, string>();
  readonly #stored = new WeakSet<Weighed>();

  keyOf(vulnerability: Weighed): string {
    let key = this.#keys.get(vulnerability);
    if (key === undefined) this.#keys.set(vulnerability, (key = nameUuid(vulnerability.body)));
    return key;
  }

  /** Returns those of `items` that are not known to be stored. */
  missing(items: readonly Item[]): Weighed[] {
    return [...new Set(items.map(({ vulnerability }) => vulnerability))].filter(
      (each) => !this.#stored.has(each),
    );
  }

  /** Records vulnerabilities as stored. Call it after their transaction is committed. */
  remember(stored: readonly Weighed[]): void {
    for (const each of stored) this.#stored.add(each);
  }
}

/** Adds items to a begun set and stores its progress. Ids are derived from the content: nothing is added twice. */
export async function saveItems(
  tx: Session,
  { id, summary }: NewSet,
  items: readonly Item[],
  { place, known, fresh }: { place: SetPlace; known: StoredVulnerabilities; fresh: readonly Weighed[] },
): Promise<void> {
  if (fresh.length > 0) {
    await tx.query({
      name: 'insert-vulnerabilities',
      text: `
        insert into notification_vulnerability (notification, key, body)
        select $1, * from unnest($2::uuid[], $3::text[]) on conflict do nothing`,
      values: [id, fresh.map((each) => known.keyOf(each)), fresh.map(({ body }) => body)],
    });
  }
  const rows = new Map(
    items.map((item) => {
      const key = known.keyOf(item.vulnerability);
      const parts = summary ? [item.manifest, item.reason] : [item.manifest, item.reason, key];
      return [nameUuid(id, ...parts), { item, key }];
    }),
  );
  await tx.query({
    name: 'save-place',
    text: `
      update notifier_gathering set changes = $2, chunk = $3, next = $4, failures = 0 where notification = $1`,
    values: [id, place.changes, place.chunk, place.next],
  });
  if (rows.size === 0) return;
  const ids = [...rows.keys()];
  const inserted = await tx.query<{ id: string }>({
    name: 'insert-items',
    text: `
      insert into notification_item (notification, id, manifest, reason, vulnerability)
      select $1, * from unnest($2::uuid[], $3::text[], $4::text[], $5::uuid[])
      on conflict do nothing returning id`,
    values: [
      id,
      ids,
      [...rows.values()].map(({ item }) => item.manifest),
      [...rows.values()].map(({ item }) => item.reason),
      [...rows.values()].map(({ key }) => key),
    ],
  });
  if (!summary || inserted.length === rows.size) return;
  const added = new Set(inserted.map((row) => row.id));
  await keepMostSevere(tx, id, new Map([...rows].filter(([each]) => !added.has(each))));
}

/** Keeps the more severe of stored and new items. */
async function keepMostSevere(
  tx: Session,
  set: string,
  rows: ReadonlyMap<string, { readonly item: Item; readonly key: string }>,
): Promise<void> {
  const rivals = await tx.query<{ id: string; body: string }>({
    name: 'load-rivals',
    text: `
      select i.id, v.body from notification_item i
      join notification_vulnerability v on v.notification = i.notification and v.key = i.vulnerability
      where i.notification = $1 and i.id = any ($2::uuid[])
      for update of i`,
    values: [set, [...rows.keys()]],
  });
  const better = rivals.filter(
    ({ id, body }) => compareWeight(rows.get(id)!.item.vulnerability, readWeight(body)) < 0,
  );
  if (better.length === 0) return;
  await tx.query({
    name: 'replace-items',
    text: `
      update notification_item i set vulnerability = w.key
      from unnest($2::uuid[], $3::uuid[]) as w (id, key)
      where i.notification = $1 and i.id = w.id`,
    values: [set, better.map(({ id }) => id), better.map(({ id }) => rows.get(id)!.key)],
  });
}

/**
 * Completes a set and queues it for `targets`. With `reason` the set is incomplete and becomes a dead letter. Returns the number of
 * its items; a set without items is deleted unless there is a `reason`.
 */
export async function endSet(
  tx: Session,
  { id, created }: NewSet,
  targets: readonly string[],
  reason?: string,
): Promise<number> {
  const [row] = await tx.query<{ items: number }>({
    name: 'count-items',
    text: `
      update notification set items = (select count(*) from notification_item where notification = $1)
      where id = $1 returning items`,
    values: [id],
  });
  const items = row?.items ?? 0;
  if (items === 0 && reason === undefined) {
    await tx.query({ name: 'drop-set', text: 'delete from notification where id = $1', values: [id] });
    return 0;
  }
  await tx.query({
    name: 'queue-deliveries',
    text: `
      insert into notification_delivery (notification, target, due, state, ended, last_error)
      select $1, target, $3::timestamptz, case when $4::text is null then 'waiting' else 'dead' end,
        case when $4::text is not null then $3::timestamptz end, $4::text
      from unnest($2::text[]) as target on conflict do nothing`,
    values: [id, targets, created, reason ?? null],
  });
  await tx.query({
    name: 'end-gathering',
    text: 'delete from notifier_gathering where notification = $1',
    values: [id],
  });
  return items;
}
