/** What goes over the wire: a callback, or the notifications themselves in arrays. */
import type { Delivery } from './contract.ts';

/** Where to fetch the notifications; the keys are Clair's (clair-service.md#transports). */
export function callbackMessage({ callback, notificationId }: Delivery): string {
  return JSON.stringify({ callback, notification_id: notificationId });
}

/** JSON arrays of at most `rollup` notifications; 0 is 1. */
export async function* directMessages(
  { notifications = [] }: Delivery,
  rollup: number,
): AsyncGenerator<string> {
  const size = Math.max(rollup, 1);
  let batch: string[] = [];
  for await (const notification of notifications) {
    batch.push(JSON.stringify(notification));
    if (batch.length < size) continue;
    yield `[${batch.join(',')}]`;
    batch = [];
  }
  if (batch.length > 0) yield `[${batch.join(',')}]`;
}

/** The messages of a delivery, one at a time. */
export async function* messagesOf(
  delivery: Delivery,
  { direct, rollup }: { readonly direct: boolean; readonly rollup: number },
): AsyncGenerator<string> {
  if (direct) yield* directMessages(delivery, rollup);
  else yield callbackMessage(delivery);
}

/** Whether a broker refuses a message because of its size, as RabbitMQ says it by AMQP and by STOMP. */
export function isTooLarge(refusal: string): boolean {
  return /precondition.failed.*message size/is.test(refusal);
}
