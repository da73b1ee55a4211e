/** The notifications of a set, for those who get them directly. */
import type { Session } from '../db/database.ts';
import type { Notification } from '../transports/notification.ts';
import { loadPage } from './store/notifications.ts';

const PAGE = 500;

/** In the order of their ids, read as they are asked for. */
export async function* readSet(db: Session, notification: string): AsyncGenerator<Notification> {
  let next: string | undefined;
  for (;;) {
    const page = await loadPage(db, notification, { next, size: PAGE });
    for (const { json } of page?.items ?? []) yield JSON.parse(json) as Notification;
    if (page === undefined || !page.more) return;
    next = page.items.at(-1)!.id;
  }
}
