/** Session advisory locks, as Clair takes them: any replica, ours or Clair's, excludes any other. */
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { AppError } from '../errors.ts';
import { type DialTarget, reasonOf } from './dial.ts';
import { ServerClient } from './server-client.ts';
import { closed, cut, patienceWith } from './watch-server.ts';

/** An advisory lock that is held until disposed. */
export interface Lock extends AsyncDisposable {
  /** Aborted when the lock's connection is lost: somebody else may hold the lock now. */
  readonly signal: AbortSignal;
}

/** How often the connection is asked whether it lives while it holds locks. */
const PING_MS = 5000;
const KEEPALIVES =
  'set tcp_keepalives_idle = 20; set tcp_keepalives_interval = 10; set tcp_keepalives_count = 4';
const POLL_MS = { first: 50, last: 2000 };

/** FNV-1a, 64 bits, as a signed integer: the lock's number in PostgreSQL. */
export function lockNumber(key: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(key)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return BigInt.asIntN(64, hash);
}

/**
 * All locks of one pool, on one connection of their own. A session may take the same lock twice, so keys that
 * this process holds are refused here. When the connection is lost every holder's signal is aborted.
 * Needs a real session: not a transaction-pooling PgBouncer.
 */
export class AdvisoryLocks {
  readonly #target: () => Promise<DialTarget>;
  readonly #held = new Map<string, AbortController>();
  #client: Promise<pg.Client> | undefined;
  /** The same once it is connected. */
  #live: pg.Client | undefined;
  /** The statements run one after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  /** The last one. */
  #failure: unknown;
  #ping: NodeJS.Timeout | undefined;

  constructor(target: () => Promise<DialTarget>) {
    this.#target = target;
  }

  async tryLock(key: string): Promise<Lock | undefined> {
    if (this.#held.has(key)) return undefined;
    const controller = new AbortController();
    this.#held.set(key, controller);
    try {
      if (!(await this.#ask('try-lock', 'select pg_try_advisory_lock($1) as yes', lockNumber(key)))) {
        this.#held.delete(key);
        return undefined;
      }
    } catch (error) {
      this.#held.delete(key);
      throw error;
    }
    this.#ping ??= setInterval(() => this.#check(), PING_MS).unref();
    return { signal: controller.signal, [Symbol.asyncDispose]: () => this.#release(key, controller) };
  }

  async lock(key: string, signal: AbortSignal): Promise<Lock> {
    for (let wait = POLL_MS.first; ; wait = Math.min(2 * wait, POLL_MS.last)) {
      signal.throwIfAborted();
      const lock = await this.tryLock(key);
      if (lock !== undefined) return lock;
      await sleep(wait, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const client = this.#client;
    this.#lost(new Error('the database was closed'));
    const live = await client?.catch(() => undefined);
    if (live !== undefined) await closed(live.end(), [live]);
  }

  async #release(key: string, controller: AbortController): Promise<void> {
    if (this.#held.get(key) !== controller) return; // released, or lost with its connection
    try {
      await this.#ask('unlock', 'select pg_advisory_unlock($1) as yes', lockNumber(key));
    } catch {
      // The connection is gone, and the lock with it.
    } finally {
      if (this.#held.get(key) === controller) this.#held.delete(key);
      if (this.#held.size === 0) this.#stopPing();
    }
  }

  #ask(name: string, text: string, number: bigint): Promise<boolean> {
    const failure = this.#failure;
    const answer = this.#turn.then(async () => {
      // It failed for who came before: they must not wait for the same one after the other.
      if (this.#failure !== failure) throw this.#failure;
      const client = await this.#connected();
      try {
        const { rows } = await client.query<{ yes: boolean }>({ name, text, values: [number.toString()] });
        return rows[0]?.yes === true;
      } catch (cause) {
        // The answer may still come, and with it a lock that nobody would let go of.
        if (client === this.#live) this.#lost(cause);
        cut(client, 'a lock was not answered for');
        throw new AppError('database', `PostgreSQL does not respond to lock requests: ${reasonOf(cause)}`, {
          cause,
        });
      }
    });
    this.#turn = answer.catch((error: unknown) => (this.#failure = error));
    return answer;
  }

  #connected(): Promise<pg.Client> {
    this.#client ??= this.#connect().catch((error: unknown) => {
      this.#client = undefined;
      throw error;
    });
    return this.#client;
  }

  async #connect(): Promise<pg.Client> {
    const target = await this.#target();
    const client = new ServerClient({ ...target, query_timeout: 2 * patienceWith(target) });
    client.on('error', (error) => client === this.#live && this.#lost(error));
    client.on('end', () => client === this.#live && this.#lost(new Error('connection closed')));
    try {
      await client.connect();
      // The server notices within a minute that the machine at this end is gone, and gives its locks to others.
      await client.query(KEEPALIVES);
    } catch (cause) {
      throw new AppError('database', `cannot connect to PostgreSQL for locks: ${reasonOf(cause)}`, { cause });
    }
    this.#live = client;
    return client;
  }

  /** A connection that is half open shows only when it is used. */
  #check(): void {
    this.#ask('ping', 'select $1::int8 is not null as yes', 0n).catch(() => {});
  }

  /** Holders pass the reason on as it is. */
  #lost(cause: unknown): void {
    this.#client = undefined;
    this.#live = undefined;
    this.#stopPing();
    const holders = [...this.#held.values()];
    this.#held.clear();
    const message = `lost the connection to PostgreSQL for locks: ${reasonOf(cause)}`;
    for (const holder of holders) holder.abort(new AppError('database', message, { cause }));
  }

  #stopPing(): void {
    clearInterval(this.#ping);
    this.#ping = undefined;
  }
}
