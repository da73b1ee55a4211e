/** The database as the engines see it: statements, transactions, COPY and advisory locks over PostgreSQL. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { AppError } from '../errors.ts';
import { AdvisoryLocks } from './advisory-locks.ts';
import { dial, isConnectionFailure, nameOf, reasonOf, type Target } from './dial.ts';
import { type Dsn, parseDsn } from './dsn.ts';

export { encodeCopyRow } from './copy-row.ts';

/** One SQL statement; a name makes it a prepared one. */
export interface Statement {
  readonly name?: string;
  readonly text: string;
  readonly values?: readonly unknown[];
}

/**
 * What statements run on: the pool, or one transaction (there one after the other, in the order of the calls).
 * What the server refuses is thrown as the driver's error, with its SQLSTATE in `code`;
 * a lost connection, a full disk and the like as AppError `database`.
 */
export interface Session {
  /** The rows of one statement. */
  query<R extends object>(statement: Statement): Promise<R[]>;
  /** `COPY … FROM STDIN`, text format; `rows` are encoded lines (see `encodeCopyRow`). Gives the row count. */
  copyIn(text: string, rows: AsyncIterable<string | Buffer>): Promise<number>;
}

/** An advisory lock that is held until disposed. */
export interface Lock extends AsyncDisposable {
  /** Aborted when the lock's connection is lost: somebody else may hold the lock now. */
  readonly signal: AbortSignal;
}

/** A pool of connections to one database. */
export interface Database extends Session, AsyncDisposable {
  /** Runs `work` in one transaction: committed when it returns, rolled back when it throws. */
  transaction<T>(work: (tx: Session) => Promise<T>): Promise<T>;
  /** Takes the session advisory lock of `key` on a connection apart from the pool; undefined if somebody has it. */
  tryLock(key: string): Promise<Lock | undefined>;
  /** Waits for the lock: asks again after 50 ms, doubling to 2 s. Throws the signal's reason when aborted. */
  lock(key: string, options: { signal: AbortSignal }): Promise<Lock>;
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

  async use<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#acquire();
    const ignore = () => {}; // the statement that runs fails as well; without a listener the process would end
    client.on('error', ignore);
    let broken = false;
    try {
      return await work(client);
    } catch (error) {
      broken = isConnectionFailure(error);
      throw this.#explain(error);
    } finally {
      client.off('error', ignore);
      client.release(broken);
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
      if (pool.ending || this.#dsn.servers.length === 1 || !isConnectionFailure(error))
        throw this.#explain(error, true);
      const target = await dial(this.#dsn, this.#options.applicationName);
      if (this.#pool === pool) {
        this.#target = target;
        this.#pool = this.#poolOf(target);
        void pool.end();
      }
      return await this.#pool.connect();
    }
  }

  #poolOf(target: Target): pg.Pool {
    const { connectionTimeoutMillis: _, ...config } = target;
    // The timeout is for reaching the server: the pool would apply it to waiting for a free connection, too.
    const Client = class extends pg.Client {
      constructor() {
        super(target);
      }
    };
    const pool = new pg.Pool({ ...config, Client, max: this.#options.max ?? this.#dsn.max ?? 10 });
    pool.on('error', () => {}); // an idle connection was lost: the pool makes another one when it needs it
    return pool;
  }

  #explain(error: unknown, connecting = false): unknown {
    if (error instanceof AppError) return error;
    const exhausted = error instanceof pg.DatabaseError && error.code?.startsWith('53') === true;
    if (!connecting && !exhausted && !isConnectionFailure(error)) return error;
    const what = connecting
      ? 'cannot connect to'
      : exhausted
        ? 'out of resources in'
        : 'lost the connection to';
    return new AppError('database', `${what} PostgreSQL at ${nameOf(this.#target)}: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

async function run<R extends object>(client: pg.ClientBase, { name, text, values }: Statement): Promise<R[]> {
  const result = await client.query<R>({
    text,
    ...(name !== undefined && { name }),
    ...(values !== undefined && { values: values as unknown[] }),
  });
  // Several statements in one text, as in a migration, give several results.
  return Array.isArray(result) ? ((result as pg.QueryResult<R>[]).at(-1)?.rows ?? []) : result.rows;
}

async function copy(
  client: pg.ClientBase,
  text: string,
  rows: AsyncIterable<string | Buffer>,
): Promise<number> {
  const statement = client.query(copyFrom(text));
  await pipeline(Readable.from(inChunks(rows), { objectMode: true, highWaterMark: 2 }), statement);
  return statement.rowCount;
}

/** Rows are small, and every write is a message to the server. */
async function* inChunks(rows: AsyncIterable<string | Buffer>): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let text = '';
  let length = 0;
  for await (const row of rows) {
    if (typeof row === 'string') text += row;
    else {
      parts.push(Buffer.from(text), row);
      text = '';
    }
    length += row.length;
    if (length < 64 * 1024) continue;
    yield Buffer.concat([...parts, Buffer.from(text)]);
    parts = [];
    text = '';
    length = 0;
  }
  if (length > 0) yield Buffer.concat([...parts, Buffer.from(text)]);
}

async function transact<T>(client: pg.ClientBase, work: (tx: Session) => Promise<T>): Promise<T> {
  let turn: Promise<unknown> = Promise.resolve();
  let open = true;
  const inTurn = <V>(task: () => Promise<V>): Promise<V> => {
    if (!open) return Promise.reject(new Error('the transaction has ended'));
    const result = turn.then(task);
    turn = result.catch(() => {});
    return result;
  };
  await client.query('begin');
  try {
    const result = await work({
      query: (statement) => inTurn(() => run(client, statement)),
      copyIn: (text, rows) => inTurn(() => copy(client, text, rows)),
    });
    open = false;
    await turn;
    // The server answers the commit of a failed transaction with ROLLBACK, and no error.
    const { command } = await client.query('commit');
    if (command !== 'COMMIT')
      throw new Error('the transaction was rolled back: a statement in it had failed');
    return result;
  } catch (error) {
    open = false;
    await turn;
    await client.query('rollback').catch(() => {});
    throw error;
  }
}
