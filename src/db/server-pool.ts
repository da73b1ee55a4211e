/** Connections to one server: the driver's pool, and what is done when the server is full, silent or gone. */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { AppError } from '../errors.ts';
import { type DialTarget, dial, isConnectionFailure, isFull, nameOf, reasonOf } from './dial.ts';
import type { Dsn } from './dsn.ts';
import { ServerClient } from './server-client.ts';
import { isLost, waitOf } from './session.ts';
import { closed, ServerWatch } from './watch-server.ts';

/** Of a pool, now, and since its beginning. */
export interface PoolFigures {
  readonly max: number;
  readonly total: number;
  readonly idle: number;
  /** Those who wait for a connection. */
  readonly waiting: number;
  readonly acquires: number;
  readonly acquireSeconds: number;
  /** Acquires that found no idle connection. */
  readonly emptyAcquires: number;
}

export interface PoolOptions {
  readonly applicationName: string;
  readonly max?: number;
}

const SILENT: Error = Object.assign(new Error('the server does not respond'), { code: 'ETIMEDOUT' });

/** A server that gives no more connections is asked again after this time (ms), and a few times within it where none is in use. */
const FULL_MS = 5000;
const FULL_TRIES = 5;

/** The driver's pool, and another one when its server goes and the connection string has others. */
export class ServerPool implements AsyncDisposable {
  readonly #dsn: Dsn;
  readonly #options: PoolOptions;
  #target: DialTarget;
  #pool: pg.Pool;
  #acquires = 0;
  #acquireMs = 0;
  #emptyAcquires = 0;
  readonly #busy = new Set<pg.PoolClient>();
  readonly #dialling = new Set<{ readonly since: number; readonly fail: (reason: Error) => void }>();
  readonly #made = new WeakMap<pg.Pool, Set<pg.PoolClient>>();
  readonly #watch: ServerWatch;
  #widen: NodeJS.Timeout | undefined;

  constructor(dsn: Dsn, options: PoolOptions, target: DialTarget) {
    this.#dsn = dsn;
    this.#options = options;
    this.#target = target;
    this.#pool = this.#poolOf(target);
    this.#watch = new ServerWatch({
      target: () => this.#target,
      waiting: () =>
        [...this.#busy].flatMap((client) => {
          const wait = waitOf(client);
          return wait === undefined ? [] : [{ client, ...wait }];
        }),
      dialling: () => [...this.#dialling].map(({ since }) => since),
      onSilence: () => {
        for (const { fail } of this.#dialling) fail(SILENT);
      },
    });
  }

  /** Where to connect to, now; not through the pool, whose connections may all be waiting for this one. */
  async target(): Promise<DialTarget> {
    return this.#dsn.servers.length === 1
      ? this.#target
      : await dial(this.#dsn, this.#options.applicationName);
  }

  figures(): PoolFigures {
    const { totalCount: total, idleCount: idle, waitingCount: waiting } = this.#pool;
    return {
      max: this.#max,
      total,
      idle,
      waiting,
      acquires: this.#acquires,
      acquireSeconds: this.#acquireMs / 1000,
      emptyAcquires: this.#emptyAcquires,
    };
  }

  async use<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const start = performance.now();
    if (this.#pool.idleCount === 0) this.#emptyAcquires++;
    const client = await this.#acquire();
    this.#acquires++;
    this.#acquireMs += performance.now() - start;
    this.#busy.add(client);
    try {
      return await work(client);
    } finally {
      this.#busy.delete(client);
      client.release(isLost(client));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watch[Symbol.dispose]();
    clearTimeout(this.#widen);
    if (this.#pool.ending) return;
    await closed(this.#pool.end(), [...this.#made.get(this.#pool)!]);
  }

  async #acquire(): Promise<pg.PoolClient> {
    const pool = this.#pool;
    try {
      return await this.#connection(pool);
    } catch (error) {
      if (pool.ending || this.#dsn.servers.length === 1 || !isConnectionFailure(error)) {
        throw this.#unreachable(error);
      }
      const target = await dial(this.#dsn, this.#options.applicationName);
      if (this.#pool === pool) {
        this.#target = target;
        this.#pool = this.#poolOf(target);
        void pool.end();
      }
      return await this.#pool.connect();
    }
  }

  /** Waits for one that is in use when the server gives no more. */
  async #connection(pool: pg.Pool): Promise<pg.PoolClient> {
    for (let tries = 0; ; ) {
      try {
        return await this.#unlessSilent(pool.connect());
      } catch (error) {
        if (!isFull(error) || pool.ending) throw error;
        const made = this.#made.get(pool)!;
        // Whoever comes now gets in line for those that there are, for a while.
        pool.options.max = Math.max(1, made.size);
        clearTimeout(this.#widen);
        this.#widen = setTimeout(() => (pool.options.max = this.#max), FULL_MS).unref();
        if (made.size > 0) continue;
        if (tries++ === FULL_TRIES) throw error;
        await sleep(FULL_MS / FULL_TRIES);
      }
    }
  }

  /** Nobody waits for a server that is known to be silent. */
  #unlessSilent(connecting: Promise<pg.PoolClient>): Promise<pg.PoolClient> {
    const { promise, resolve, reject } = Promise.withResolvers<pg.PoolClient>();
    const wait = { since: performance.now(), fail: reject };
    let isOver = false;
    promise
      .catch(() => {})
      .finally(() => {
        isOver = true;
        this.#dialling.delete(wait);
      });
    this.#dialling.add(wait);
    if (this.#watch.silent) reject(SILENT);
    connecting.then((client) => (isOver ? client.release() : resolve(client)), reject);
    return promise;
  }

  get #max(): number {
    return this.#options.max ?? this.#dsn.max ?? 10;
  }

  #poolOf(target: DialTarget): pg.Pool {
    const { connectionTimeoutMillis: _, ...config } = target;
    // The timeout is for reaching the server: the pool would apply it to waiting for a free connection, too.
    const Client = class extends ServerClient {
      constructor() {
        super(target);
      }
    };
    const pool = new pg.Pool({ ...config, Client, max: this.#max });
    const made = new Set<pg.PoolClient>();
    this.#made.set(pool, made);
    pool.on('connect', (client) => made.add(client)).on('remove', (client) => made.delete(client));
    pool.on('error', () => {}); // an idle connection was lost: the pool makes another one when it needs it
    return pool;
  }

  #unreachable(cause: unknown): AppError {
    const message = `cannot connect to PostgreSQL at ${nameOf(this.#target)}: ${reasonOf(cause)}`;
    return new AppError('database', message, { cause });
  }
}
