/** The loops of a notifier: it polls, delivers to each target, and tidies up. */
import { messageOf } from '../errors.ts';
import type { Bell } from '../lib/bell.ts';
import type { Log } from '../lib/log.ts';
import { repeat } from '../lib/repeat.ts';
import type { Polled } from './poll.ts';

export interface NotifierLoops {
  readonly targets: readonly string[];
  /** Rings when there is something to deliver. */
  readonly bell: Bell;
  /** ms between two polls. */
  readonly pollInterval: number;
  /** ms after which another replica's news, and targets that it left, are looked for. */
  readonly look: number;
  readonly log: Log;
  poll(signal: AbortSignal): Promise<Polled>;
  deliver(target: string, signal: AbortSignal): Promise<number | undefined>;
  collectGarbage(signal: AbortSignal): Promise<unknown>;
}

/** ms after a failure of the database, or of another service. */
const TROUBLE = 30_000;
/** ms; another replica is at a feed, or its runs could not be processed: by then that is over. */
const AGAIN = 5 * 60_000;
const GARBAGE = 3600_000;

/** Runs until `signal` is aborted; never throws. */
export async function runNotifier(loops: NotifierLoops, signal: AbortSignal): Promise<void> {
  const { targets, bell, pollInterval, look, log } = loops;
  const failed = (what: string) => (error: unknown) => {
    log.error(what, { reason: messageOf(error) });
    return TROUBLE;
  };
  await Promise.all([
    repeat(signal, undefined, failed('update operations could not be read, will be retried'), async () => {
      const { complete } = await loops.poll(signal);
      return complete ? pollInterval : Math.min(pollInterval, AGAIN);
    }),
    ...targets.map((target) =>
      repeat(signal, bell, failed(`nothing could be delivered by ${target}`), async () => {
        const wait = await loops.deliver(target, signal);
        return Math.min(wait ?? look, look);
      }),
    ),
    repeat(signal, undefined, failed('old notifications could not be deleted'), async () => {
      await loops.collectGarbage(signal);
      return GARBAGE;
    }),
  ]);
}
