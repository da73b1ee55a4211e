/** Reads and deletes notification sets as clients see them. */
import type { Database, Session } from '../../db/database.ts';

export interface Page {
  /** The notifications as JSON, in the order of their ids. */
  readonly items: readonly { readonly id: string; readonly json: string }[];
  /** Whether more follow. */
  readonly more: boolean;
}

/** Returns at most `size` notifications after `next`; undefined if the set is unknown. */
export async function loadPage(
  db: Session,
  notification: string,
  { next, size }: { readonly next: string | undefined; readonly size: number },
): Promise<Page | undefined> {
  const rows = await db.query<PageRow>({
    name: 'load-page',
    text: `
      select i.id, i.manifest, i.reason, v.body
      from notification n
      left join lateral (
        select * from notification_item
        where notification = n.id and ($2::uuid is null or id > $2)
        order by id limit $3) i on true
      left join notification_vulnerability v on v.notification = n.id and v.key = i.vulnerability
      where n.id = $1 and not n.forgotten
      order by i.id`,
    values: [notification, next ?? null, size + 1],
  });
  if (rows.length === 0) return undefined;
  const items = rows.flatMap(({ id, manifest, reason, body }) =>
    id === null ? [] : [{ id, json: write(id, manifest!, reason!, body!) }],
  );
  return { items: items.slice(0, size), more: items.length > size };
}

interface PageRow {
  readonly id: string | null;
  readonly manifest: string | null;
  readonly reason: string | null;
  readonly body: string | null;
}

function write(id: string, manifest: string, reason: string, body: string): string {
  return `{"id":"${id}","manifest":${JSON.stringify(manifest)},"reason":"${reason}","vulnerability":${body}}`;
}

/**
 * Marks a set as processed by its receiver. It stays readable until it is collected. Targets that were tried are not tried
 * again: one of them must have received it. Returns false if the set is unknown.
 */
export async function deleteSet(db: Database, notification: string, now: Date): Promise<boolean> {
  return await db.transaction(async (tx) => {
    const known = await tx.query({
      name: 'delete-notification',
      text: `
        update notification set deleted = coalesce(deleted, $2) where id = $1 and not forgotten
        returning id`,
      values: [notification, now],
    });
    if (known.length === 0) return false;
    await tx.query({
      name: 'end-deliveries',
      text: `
        update notification_delivery set state = 'deleted', ended = $2
        where notification = $1 and state = 'waiting' and attempts > 0`,
      values: [notification, now],
    });
    return true;
  });
}
