/** Finds a server of a connection string that answers, and says in words why none does. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConnectionOptions } from 'node:tls';
import pg from 'pg';
import { AppError, messageOf } from '../errors.ts';
import { columnTypes } from './column-types.ts';
import type { Dsn, ServerAddress } from './dsn.ts';
import { ServerClient } from './server-client.ts';

/** How to reach one server: the driver's own settings. */
export interface DialTarget extends pg.ClientConfig {
  readonly host: string;
  readonly port: number;
  readonly database: string;
}

/** ms for which a server that is starting is waited for: recovery after a crash takes its time. */
const START_LIMIT = 10 * 60_000;
const START_PAUSE = 500;

/** As `dial`, but a server that is there and takes nobody just now is waited for. */
export async function dialPatiently(
  dsn: Dsn,
  { applicationName, signal, onWait }: DialOptions,
): Promise<DialTarget> {
  let isTold = false;
  for (const deadline = Date.now() + START_LIMIT; ; ) {
    try {
      return await dial(dsn, applicationName);
    } catch (error) {
      const isStarting = error instanceof AppError && error.cause instanceof NotYet;
      if (!isStarting || Date.now() > deadline) throw error;
      if (!isTold) onWait?.(error.message);
      isTold = true;
      await sleep(START_PAUSE, undefined, { ...(signal && { signal }) });
    }
  }
}

export interface DialOptions {
  readonly applicationName: string;
  readonly signal?: AbortSignal;
  /** Told once, with the reason. */
  readonly onWait?: (reason: string) => void;
}

/** One of the servers is there, and will do in a while. */
class NotYet extends Error {}

/** The first target that answers (and can be written to, if `dsn` asks for that). Throws `database`. */
export async function dial(dsn: Dsn, applicationName: string): Promise<DialTarget> {
  const failures: string[] = [];
  let isStarting = false;
  for (const server of dsn.servers) {
    for (const ssl of tlsAttempts(dsn, server)) {
      const target = targetOf(dsn, server, applicationName, ssl);
      const failure = await probe(target, dsn.writable);
      if (failure === undefined) return target;
      failures.push(`${nameOf(target)}: ${reasonOf(failure)}`);
      isStarting ||= isFull(failure) || codeOf(failure) === CANNOT_CONNECT_NOW;
      if (!mayDifferWithTls(failure)) break;
    }
  }
  throw new AppError(
    'database',
    `cannot connect to PostgreSQL as user ${JSON.stringify(dsn.user)}: ${failures.join('; ')}`,
    { ...(isStarting && { cause: new NotYet() }) },
  );
}

/** PostgreSQL, appendix A: it starts up, shuts down, or recovers. */
const CANNOT_CONNECT_NOW = '57P03';
const TOO_MANY_CONNECTIONS = '53300';

/** The server gives no more connections, to anybody or to this user. */
export function isFull(failure: unknown): boolean {
  return codeOf(failure) === TOO_MANY_CONNECTIONS;
}

function codeOf(failure: unknown): string | undefined {
  return failure instanceof pg.DatabaseError ? failure.code : undefined;
}

/** `host:port, database "name"`: what a message calls a target. */
export function nameOf(target: {
  readonly host: string;
  readonly port: number;
  readonly database?: string | undefined;
}): string {
  const { host, port, database } = target;
  const place = host.startsWith('/')
    ? `socket ${host}/.s.PGSQL.${port}`
    : `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return `${place}, database ${JSON.stringify(database)}`;
}

/** A driver's error in words, with what to do about it. */
export function reasonOf(error: unknown): string {
  const { code } = error as { code?: string };
  const reason =
    error instanceof AggregateError
      ? error.errors.map(messageOf).join(', ')
      : messageOf(error) || (code ?? 'unknown error');
  const advice = /client password must be a string/.test(reason)
    ? 'the server requires a password: add password=… to the connection string'
    : ADVICE[code ?? ''];
  return advice === undefined ? reason : `${reason} (${advice})`;
}

const ADVICE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'is the server running there?',
  ENOENT: 'is the server running there?',
  ENOTFOUND: 'is the host name right?',
  '28P01': 'check user and password',
  '28000': 'check user and sslmode, and the pg_hba.conf of the server',
  '3D000': 'create it: CREATE DATABASE',
  '42501': 'the user lacks a permission',
  '53100': 'free some space on the disk of the database',
  '53200': 'the database server is out of memory',
  '53300': 'raise max_connections, or lower pool_max_conns',
};

/** Whether the connection, not the statement, is what failed. */
export function isConnectionFailure(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return /^(08|57P0|25P0[34])/.test(error.code ?? '');
  const { code, syscall } = error as { code?: string; syscall?: string };
  return (
    syscall !== undefined ||
    /^E[A-Z]+$/.test(code ?? '') ||
    /^(Connection terminated|Client has encountered|Client was closed)/.test(messageOf(error))
  );
}

// libpq: "sslmode"; sockets are never encrypted
function tlsAttempts({ ssl }: Dsn, server: ServerAddress): (ConnectionOptions | false)[] {
  if (server.host.startsWith('/') || ssl.mode === 'disable') return [false];
  const options: ConnectionOptions = {
    rejectUnauthorized:
      ssl.mode.startsWith('verify') || (ssl.mode === 'require' && ssl.rootCert !== undefined),
    ...(ssl.rootCert !== undefined &&
      ssl.rootCert !== 'system' && { ca: readPem('sslrootcert', ssl.rootCert) }),
    ...(ssl.cert !== undefined && { cert: readPem('sslcert', ssl.cert) }),
    ...(ssl.key !== undefined && { key: readPem('sslkey', ssl.key) }),
    ...(ssl.mode !== 'verify-full' && { checkServerIdentity: () => undefined }),
  };
  if (ssl.mode === 'prefer') return [options, false];
  if (ssl.mode === 'allow') return [false, options];
  return [options];
}

function readPem(key: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new AppError('bad-config', `connection string: ${key}: ${messageOf(cause)}`, { cause });
  }
}

/** The server has no TLS, or wants the other kind of connection from this host. */
function mayDifferWithTls(failure: unknown): boolean {
  return (failure as { code?: string }).code === '28000' || /SSL/i.test(messageOf(failure));
}

function targetOf(
  dsn: Dsn,
  server: ServerAddress,
  applicationName: string,
  ssl: ConnectionOptions | false,
): DialTarget {
  return {
    ...server,
    user: dsn.user,
    database: dsn.database,
    ...(dsn.password !== undefined && { password: () => dsn.password!.reveal() }),
    ...(dsn.options !== undefined && { options: dsn.options }),
    application_name: dsn.applicationName ?? applicationName,
    connectionTimeoutMillis: dsn.connectTimeout,
    keepAlive: true,
    keepAliveInitialDelayMillis: 30_000,
    ssl,
    types: columnTypes,
  };
}

async function probe(target: DialTarget, writable: boolean): Promise<unknown> {
  const client = new ServerClient(target);
  try {
    await client.connect();
    if (!writable) return undefined;
    const { rows } = await client.query<{ readonly: boolean }>(
      `select current_setting('transaction_read_only') = 'on' or pg_is_in_recovery() as readonly`,
    );
    return rows[0]?.readonly ? new Error('the server is read-only') : undefined;
  } catch (error) {
    return error ?? new Error('unknown error');
  } finally {
    await client.end().catch(() => {});
  }
}
