/** The database as the engines see it: statements, transactions, COPY and advisory locks over PostgreSQL. */
import { AdvisoryLocks, type Lock } from './advisory-locks.ts';
import { dialPatiently } from './dial.ts';
import { parseDsn } from './dsn.ts';
import { type PoolFigures, ServerPool } from './server-pool.ts';
import { copy, run, type Session, type Transaction, transact } from './session.ts';

export type { Lock } from './advisory-locks.ts';
export { encodeCopyRow } from './copy-row.ts';
export type { PoolFigures } from './server-pool.ts';
export type { Session, Statement, Transaction } from './session.ts';

const SNAPSHOT = 'begin isolation level repeatable read, read only';

/** A pool of connections to one database. */
export interface Database extends Session, AsyncDisposable {
  /** Runs `work` in one transaction: committed when it returns, rolled back when it throws. */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** The same of what only reads: all of its statements see the database of one moment. */
  snapshot<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Takes the session advisory lock of `key` on a connection apart from the pool; undefined if somebody has it. */
  tryLock(key: string): Promise<Lock | undefined>;
  /** Waits for the lock: asks again after 50 ms, doubling to 2 s. Throws the signal's reason when aborted. */
  lock(key: string, options: { signal: AbortSignal }): Promise<Lock>;
  /** How busy the pool is. */
  figures(): PoolFigures;
}

export interface ConnectOptions {
  /** What the server's activity view shows, unless the connection string says otherwise. */
  readonly applicationName: string;
  /** Connections at most, apart from the one for locks; default `pool_max_conns`, else 10. */
  readonly max?: number;
  readonly env?: NodeJS.ProcessEnv;
  /** Ends the wait for a server that is starting. */
  readonly signal?: AbortSignal;
  /** Told once when the server is there, but takes nobody yet. */
  readonly onWait?: (reason: string) => void;
}

/**
 * Connects to the first server of `dsn` that answers; one that is starting up, or has no connection left, is waited for.
 * Throws `database`, naming host, port and database, never the password.
 */
export async function connect(dsn: string, options: ConnectOptions): Promise<Database> {
  const parsed = parseDsn(dsn, options.env);
  const pool = new ServerPool(parsed, options, await dialPatiently(parsed, options));
  const locks = new AdvisoryLocks(() => pool.target());
  return {
    query: (statement) => pool.use((client) => run(client, statement)),
    copyIn: (text, rows) => pool.use((client) => copy(client, text, rows)),
    transaction: (work) => pool.use((client) => transact(client, 'begin', work)),
    snapshot: (work) => pool.use((client) => transact(client, SNAPSHOT, work)),
    tryLock: (key) => locks.tryLock(key),
    lock: (key, { signal }) => locks.lock(key, signal),
    figures: () => pool.figures(),
    async [Symbol.asyncDispose]() {
      await locks[Symbol.asyncDispose]();
      await pool[Symbol.asyncDispose]();
    },
  };
}
