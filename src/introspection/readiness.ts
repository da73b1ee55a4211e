/** Whether the databases answer, asked no more than once a second and never waited for long. */

/** A database as far as its readiness goes. */
export interface Pinged {
  /** Throws if the database does not answer. */
  ping(): Promise<unknown>;
  /** `performance.now()` of its last answer to anybody. */
  lastAnswer(): number;
}

export interface ReadinessOptions {
  /** ms for which an answer holds. */
  readonly hold?: number;
  /** ms that a database has to answer. */
  readonly patience?: number;
}

const HOLD = 1000;
const PATIENCE = 2000;
/** A pool that is busy keeps the ping waiting: then it counts that somebody else got an answer lately (ms). */
const BUSY = 5000;

/** Whether all of `databases` (none before the start is over) answer. */
export function createReadiness(
  databases: () => readonly Pinged[] | undefined,
  { hold = HOLD, patience = PATIENCE }: ReadinessOptions = {},
): () => Promise<boolean> {
  const pings = new WeakMap<Pinged, Promise<boolean>>();
  let last: { readonly at: number; readonly answer: Promise<boolean> } | undefined;

  /** One ping at a time for each: those of a database that hangs must not pile up. */
  function pinged(database: Pinged): Promise<boolean> {
    const running =
      pings.get(database) ??
      database
        .ping()
        .then(
          () => true,
          () => false,
        )
        .finally(() => pings.delete(database));
    pings.set(database, running);
    return running;
  }

  async function answers(database: Pinged): Promise<boolean> {
    const { promise: late, resolve } = Promise.withResolvers<'late'>();
    const timer = setTimeout(resolve, patience, 'late');
    const answer = await Promise.race([pinged(database), late]);
    clearTimeout(timer);
    return answer === 'late' ? performance.now() - database.lastAnswer() < BUSY : answer;
  }

  async function ask(): Promise<boolean> {
    const all = databases();
    if (all === undefined) return false;
    return (await Promise.all(all.map(answers))).every(Boolean);
  }

  return () => {
    if (databases() === undefined) return Promise.resolve(false);
    if (last === undefined || performance.now() - last.at > hold) {
      last = { at: performance.now(), answer: ask() };
    }
    return last.answer;
  };
}
