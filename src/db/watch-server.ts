/** Notices a server, or a single connection, that does not answer any more, although nothing says so. */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { DialTarget } from './dial.ts';
import { ServerClient } from './server-client.ts';

/** A connection with a statement that has no answer yet. */
export interface Waiting {
  readonly client: pg.ClientBase;
  /** `performance.now()` at its beginning: tells one statement from the next. */
  readonly since: number;
  /** The server may be done long before all is read. */
  readonly isRead: boolean;
}

export interface WatchedPool {
  target(): DialTarget;
  /** What runs now. */
  waiting(): readonly Waiting[];
  /** `performance.now()` of those who wait for a connection to be made. */
  dialling(): readonly number[];
  /** The server does not answer: whoever waits for it is told. */
  onSilence(): void;
}

/** ms that a statement may take before the server is asked whether it is still at it. */
const SLOW = 3000;
/** ms that the server has to say so at least, and in how many parts they are waited for: a pause of this process counts as one part. */
const PATIENCE = 5000;
const PARTS = 20;
const PERIOD = 1000;
/** Two looks: an answer may be on its way at the first one. */
const LOOKS = 2;

/**
 * A statement may take hours, and a server that stands still, or a network that lost a connection, looks the same to whoever
 * waits. So the server is asked on another connection; one that does not answer is `silent` until it does.
 */
export class ServerWatch implements Disposable {
  readonly #pool: WatchedPool;
  readonly #timer: NodeJS.Timeout;
  /** Statements that the server did not know when it was last asked, by their beginning, and how often. */
  #unknown = new Map<number, number>();
  #checking = false;
  silent = false;

  constructor(pool: WatchedPool) {
    this.#pool = pool;
    this.#timer = setInterval(() => void this.#look(), PERIOD).unref();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    const since = performance.now() - SLOW;
    const slow = this.#pool.waiting().filter((each) => each.since < since);
    const isSlow = slow.length > 0 || this.#pool.dialling().some((begin) => begin < since);
    if (this.#checking || !(isSlow || this.silent)) return;
    this.#checking = true;
    const working = await workingOn(
      this.#pool.target(),
      slow.map(({ client }) => pidOf(client)),
    );
    this.#checking = false;
    const wasSilent = this.silent;
    this.silent = working === 'silent';
    if (this.silent && !wasSilent) {
      this.#pool.onSilence();
      for (const { client } of this.#pool.waiting()) cut(client, 'the server does not respond');
    }
    if (working instanceof Set) this.#cutForgotten(slow, working);
  }

  /** Those whose answer was lost on its way, or whose process is gone. */
  #cutForgotten(slow: readonly Waiting[], working: ReadonlySet<number>): void {
    const still = new Set(this.#pool.waiting().map(({ since }) => since));
    const unknown = new Map<number, number>();
    for (const { client, since, isRead } of slow) {
      if (isRead || working.has(pidOf(client)) || !still.has(since)) continue;
      const looks = (this.#unknown.get(since) ?? 0) + 1;
      if (looks >= LOOKS) cut(client, 'the server knows nothing of the statement any more');
      else unknown.set(since, looks);
    }
    this.#unknown = unknown;
  }
}

/** Which of `pids` have a statement; `unknown`: it answers, but cannot say. */
async function workingOn(
  target: DialTarget,
  pids: readonly number[],
): Promise<Set<number> | 'unknown' | 'silent'> {
  const client = new ServerClient({ ...target, connectionTimeoutMillis: 0 });
  let isOver = false;
  void patience(target, () => isOver).then(() => isOver || cut(client, 'not asked any more'));
  try {
    await client.connect();
    const { rows } = await client.query<{ own: number; working: number[] }>(
      `select pg_backend_pid() as own, array(
         select pid from pg_stat_activity where pid = any ($1::int[]) and state not like 'idle%') as working`,
      [pids],
    );
    const { own, working } = rows[0]!;
    client.end().catch(() => {});
    // Behind a pooler the numbers are its own.
    return own === pidOf(client) ? new Set(working) : 'unknown';
  } catch (error) {
    cut(client, 'not asked any more');
    return error instanceof pg.DatabaseError ? 'unknown' : 'silent';
  } finally {
    isOver = true;
  }
}

/**
 * ms after which a server that does not answer is taken for dead: half of the time that it has for connections, but not less than
 * by default. The embedded server has more, see there.
 */
export function patienceWith({ connectionTimeoutMillis = 0 }: DialTarget): number {
  return Math.max(PATIENCE, connectionTimeoutMillis / 2);
}

/** Waits for as long. Time in which this process stands still hardly counts: answers may lie there that it has not read. */
async function patience(target: DialTarget, isOver: () => boolean): Promise<void> {
  const part = patienceWith(target) / PARTS;
  for (let n = 0; n < PARTS && !isOver(); n++) await sleep(part, undefined, { ref: false });
}

function pidOf(client: pg.ClientBase): number {
  return (client as pg.ClientBase & { readonly processID: number | null }).processID ?? 0;
}

/** ms that a server has to end connections that are closed. */
const GOODBYE = 5000;

/** Waits for `ending`; a server that stands still does not say goodbye, and then `clients` are cut. */
export async function closed(ending: Promise<void>, clients: Iterable<pg.ClientBase>): Promise<void> {
  const late = setTimeout(() => {
    for (const client of [...clients]) cut(client, 'closed without an answer');
  }, GOODBYE);
  await ending.finally(() => clearTimeout(late));
}

/** Ends the connection at once, and what waits for it with `reason`. */
export function cut(client: pg.ClientBase, reason: string): void {
  const { stream } = (client as pg.ClientBase & { readonly connection: pg.Connection }).connection;
  stream.destroy(Object.assign(new Error(reason), { code: 'ETIMEDOUT' }));
}
