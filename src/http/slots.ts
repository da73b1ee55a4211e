/** A bound on how many things are done at once: what finds no slot is told to come again. */
import { availableParallelism } from 'node:os';
import { AppError } from '../errors.ts';

export interface Slots {
  /** Takes a slot until disposed. Throws `too-many-requests` if there is none. */
  take(): Disposable;
  readonly taken: number;
}

/** 0 or undefined: four for each processor; negative: no bound. As Clair's `index_report_request_concurrency`. */
export function createSlots(limit = 0): Slots {
  const most = limit < 0 ? Number.POSITIVE_INFINITY : limit || 4 * availableParallelism();
  let taken = 0;
  return {
    get taken() {
      return taken;
    },
    take() {
      if (taken >= most) {
        throw new AppError('too-many-requests', 'server handling too many requests');
      }
      taken++;
      let isHeld = true;
      return {
        [Symbol.dispose]() {
          if (isHeld) taken--;
          isHeld = false;
        },
      };
    },
  };
}
