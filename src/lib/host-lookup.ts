/**
 * Names of hosts looked up a few at a time. Node has few threads for it, for the whole process: where names go unanswered
 * (10 s and more each), the hosts of all feeds would keep the database's name waiting, and the end of the process.
 */
import { type LookupOneOptions, lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';

const AT_ONCE = 4;

export interface HostLookup extends Disposable {
  readonly lookup: LookupFunction;
}

/** Disposed of, it looks up nothing more: what waits fails. */
export function hostLookup(resolve: typeof lookup = lookup): HostLookup {
  const waiting: { start(): void; fail(): void }[] = [];
  let running = 0;
  return {
    lookup(host, options, callback) {
      const start = (): void => {
        running++;
        resolve(host, options as LookupOneOptions, (...answer) => {
          running--;
          waiting.shift()?.start();
          callback(...answer);
        });
      };
      if (running < AT_ONCE) start();
      else waiting.push({ start, fail: () => callback(new Error(`${host} is not looked up any more`), '') });
    },
    [Symbol.dispose]() {
      for (const { fail } of waiting.splice(0)) fail();
    },
  };
}
