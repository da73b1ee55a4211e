/** The database as the engines see it: statements, transactions, COPY and advisory locks over PostgreSQL. */
import pg from 'pg';
import { AppError } from '../errors.ts';
import { AdvisoryLocks, type Lock } from './advisory-locks.ts';
import { dial, isConnectionFailure, nameOf, reasonOf, type Target } from './dial.ts';
import { type Dsn, parseDsn } from './dsn.ts';
import { copy, isLost, run, type Session, type Transaction, transact } from './session.ts';

export type { Lock } from './advisory-locks.ts';
export { encodeCopyRow } from './copy-row.ts';
export type { Session, Statement, Transaction } from './session.ts';

/** A pool of connections to one database. */
export interface Database extends Session, AsyncDisposable {
  /** Runs `work` in one transaction: committed when it returns, rolled back when it throws. */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Takes the session advisory lock of `key` on a connection apart from the pool; undefined if somebody has it. */
  tryLock(key: string): Promise<Lock | undefined>;
  /** Waits for the lock: asks again after 50 ms, doubling to 2 s. Throws the signal's reason when aborted. */
  lock(key: string, options: { signal: AbortSignal }): Promise<Lock>;
  /** How busy the pool is. */
  figures(): PoolFigures;
}

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

export interface ConnectOptions {
  /** What the server's activity view shows, unless the connection string says otherwise. */
  readonly applicationName: string;
  /** Connections at most, apart from the one for locks; default `pool_max_conns`, else 10. */
  readonly max?: number;
  readonly env?: NodeJS.ProcessEnv;
}

/** Connects to the first server of `dsn` that answers. Throws `database`, naming host, port and database, never the password. */
export async function connect(dsn: string, options: ConnectOptions): Promise<Database> {
  const parsed = parseDsn(dsn, options.env);
  const pool = new ServerPool(parsed, options, await dial(parsed, options.applicationName));
  const locks = new AdvisoryLocks(() => pool.target());
  return {
    query: (statement) => pool.use((client) => run(client, statement)),
    copyIn: (text, rows) => pool.use((client) => copy(client, text, rows)),
    transaction: (work) => pool.use((client) => transact(client, work)),
    tryLock: (key) => locks.tryLock(key),
    lock: (key, { signal }) => locks.lock(key, signal),
    figures: () => pool.figures(),
    async [Symbol.asyncDispose]() {
      await locks[Symbol.asyncDispose]();
      await pool[Symbol.asyncDispose]();
    },
  };
}

/** The driver's pool, and another one when its server goes and the connection string has others. */
class ServerPool {
  readonly #dsn: Dsn;
  readonly #options: ConnectOptions;
  #target: Target;
  #pool: pg.Pool;
  #acquires = 0;
  #acquireMs = 0;
  #emptyAcquires = 0;

  constructor(dsn: Dsn, options: ConnectOptions, target: Target) {
    this.#dsn = dsn;
    this.#options = options;
    this.#target = target;
    this.#pool = this.#poolOf(target);
  }

  /** Where to connect to, now; not through the pool, whose connections may all be waiting for this one. */
  async target(): Promise<Target> {
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
    const ignore = () => {}; // the statement that runs fails as well; without a listener the process would end
    client.on('error', ignore);
    try {
      return await work(client);
    } finally {
      client.off('error', ignore);
      client.release(isLost(client));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#pool.ending) await this.#pool.end();
  }

  async #acquire(): Promise<pg.PoolClient> {
    const pool = this.#pool;
    try {
      return await pool.connect();
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

  get #max(): number {
    return this.#options.max ?? this.#dsn.max ?? 10;
  }

  #poolOf(target: Target): pg.Pool {
    const { connectionTimeoutMillis: _, ...config } = target;
    // The timeout is for reaching the server: the pool would apply it to waiting for a free connection, too.
    const Client = class extends pg.Client {
      constructor() {
        super(target);
      }
    };
    const pool = new pg.Pool({ ...config, Client, max: this.#max });
    pool.on('error', () => {}); // an idle connection was lost: the pool makes another one when it needs it
    return pool;
  }

  #unreachable(cause: unknown): AppError {
    const message = `cannot connect to PostgreSQL at ${nameOf(this.#target)}: ${reasonOf(cause)}`;
    return new AppError('database', message, { cause });
  }
}
