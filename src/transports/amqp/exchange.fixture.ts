/** For tests: settings as the configuration gives them. */
import type { AmqpSettings } from './schema.ts';

/** An exchange that is there already. */
export function exchangeOf(name: string): AmqpSettings['exchange'] {
  return { name, type: 'direct', durability: false, auto_delete: false };
}
