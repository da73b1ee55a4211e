/** Statements, COPY and transactions on one connection, and what their failures mean. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { AppError } from '../errors.ts';
import { isConnectionFailure, nameOf, reasonOf } from './dial.ts';

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

/** What only a transaction can do. */
export interface Transaction extends Session {
  /** `COPY … TO STDOUT`, text format: hands the lines, in pieces of any length, to `read`. */
  copyOut(text: string, read: (chunks: AsyncIterable<Buffer>) => Promise<void>): Promise<void>;
}

const lost = new WeakSet<pg.ClientBase>();

/** Whether a statement found the connection gone, or the server about to end it. */
export function isLost(client: pg.ClientBase): boolean {
  return lost.has(client);
}

const waits = new WeakMap<pg.ClientBase, { readonly since: number; readonly isRead: boolean }>();

/** What `client` waits for now. */
export function waitOf(
  client: pg.ClientBase,
): { readonly since: number; readonly isRead: boolean } | undefined {
  return waits.get(client);
}

/** The driver's answer; its errors are the server's word, but for those that the operator is to be told about. */
async function explained<T>(client: pg.ClientBase, answer: Promise<T>, isRead = false): Promise<T> {
  waits.set(client, { since: performance.now(), isRead });
  try {
    return await answer;
  } catch (cause) {
    const isGone = isConnectionFailure(cause);
    if (isGone) lost.add(client);
    const code = cause instanceof pg.DatabaseError ? (cause.code ?? '') : '';
    const [, what, advice = ''] = isGone ? LOST : (TOLD.find(([pattern]) => pattern.test(code)) ?? []);
    if (what === undefined) throw cause;
    throw new AppError(
      'database',
      `${what} PostgreSQL at ${nameOf(client as pg.Client)}: ${reasonOf(cause)}${advice}`,
      { cause },
    );
  } finally {
    waits.delete(client);
  }
}

type Told = readonly [code: RegExp, what: string, advice?: string];
const LOST: Told = [/^/, 'lost the connection to'];
// PostgreSQL, appendix A
const TOLD: readonly Told[] = [
  // The statement is right, and will do another time.
  [/^5[38]/, 'out of resources in'],
  [/^(40|55P03|57014)/, 'a statement was stopped by'],
  // A prepared statement that this session has not made, or one that it has made and that is gone.
  [
    /^(42P05|26000)$/,
    'the session changes between statements of',
    '. A connection pooler must use session mode (pool_mode = session in PgBouncer), or connect without it',
  ],
];

/** The rows of one statement on `client`. */
export async function run<R extends object>(
  client: pg.ClientBase,
  { name, text, values }: Statement,
): Promise<R[]> {
  const config = {
    text,
    ...(name !== undefined && { name }),
    ...(values !== undefined && { values: values as unknown[] }),
  };
  const result = await explained(client, client.query<R>(config));
  // Several statements in one text, as in a migration, give several results.
  return Array.isArray(result) ? ((result as pg.QueryResult<R>[]).at(-1)?.rows ?? []) : result.rows;
}

/** COPY on `client`: what `rows` throws is thrown as it is. */
export async function copy(
  client: pg.ClientBase,
  text: string,
  rows: AsyncIterable<string | Buffer>,
): Promise<number> {
  let broken: { readonly reason: unknown } | undefined;
  async function* watched(): AsyncGenerator<string | Buffer> {
    try {
      yield* rows;
    } catch (reason) {
      broken = { reason };
      throw reason;
    }
  }
  const statement = client.query(copyFrom(text));
  statement.on('error', () => {}); // also after the pipeline has ended
  const source = Readable.from(inChunks(watched()), { objectMode: true, highWaterMark: 2 });
  try {
    await explained(client, pipeline(source, statement));
  } catch (error) {
    throw broken === undefined ? error : broken.reason;
  }
  return statement.rowCount;
}

/** COPY from `client`: what `read` throws is thrown as it is. */
async function copyOut(
  client: pg.ClientBase,
  text: string,
  read: (chunks: AsyncIterable<Buffer>) => Promise<void>,
): Promise<void> {
  const stream = client.query(copyTo(text));
  stream.on('error', () => {}); // whoever reads sees it too; before that, and after, nobody listens
  let broken: { readonly reason: unknown } | undefined;
  async function* watched(): AsyncGenerator<Buffer> {
    try {
      yield* stream.iterator({ destroyOnReturn: false });
    } catch (reason) {
      broken = { reason };
      throw reason;
    }
  }
  try {
    await explained(client, read(watched()), true);
  } catch (error) {
    if (broken !== undefined) await explained(client, Promise.reject(broken.reason));
    throw error;
  } finally {
    // The server sends to the end, and the connection is of no use before.
    if (broken === undefined) for await (const _ of stream.iterator({ destroyOnReturn: false }));
  }
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

/** `work` in a transaction on `client`, which the statement `begin` starts. */
export async function transact<T>(
  client: pg.ClientBase,
  begin: string,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  let turn: Promise<unknown> = Promise.resolve();
  let open = true;
  const inTurn = <V>(task: () => Promise<V>): Promise<V> => {
    if (!open) return Promise.reject(new Error('the transaction has ended'));
    const result = turn.then(task);
    turn = result.catch(() => {});
    return result;
  };
  await explained(client, client.query(begin));
  try {
    const result = await work({
      query: (statement) => inTurn(() => run(client, statement)),
      copyIn: (text, rows) => inTurn(() => copy(client, text, rows)),
      copyOut: (text, read) => inTurn(() => copyOut(client, text, read)),
    });
    open = false;
    await turn;
    // The server answers the commit of a failed transaction with ROLLBACK, and no error.
    const { command } = await explained(client, client.query('commit'));
    if (command !== 'COMMIT') throw new Error('the transaction was rolled back, because a statement failed');
    return result;
  } catch (error) {
    open = false;
    await turn;
    await explained(client, client.query('rollback')).catch(() => {});
    throw error;
  }
}
