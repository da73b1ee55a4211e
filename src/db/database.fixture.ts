/** Databases for tests: empty, one each, on one embedded server or on that of `CLAIR_TEST_DSN`. */
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { connect, type Database } from './database.ts';
import { withDatabase } from './dsn.ts';
import { startEmbedded } from './embedded.ts';

const PREFIX = 'clair_test';
const options = { applicationName: 'clair-test', max: 1 };
let made = 0;

/**
 * An empty database, dropped when disposed. The server's data directory stays in the system's temporary
 * directory for the next run, and test processes that run at the same time share it.
 * `CLAIR_TEST_DSN` names another server instead, whose user must be allowed to create databases.
 */
export async function testDatabase(): Promise<{ readonly dsn: string } & AsyncDisposable> {
  const external = process.env.CLAIR_TEST_DSN;
  const server = external
    ? { dsn: external, [Symbol.asyncDispose]: async () => {} }
    : await startEmbedded({ dataDir: join(tmpdir(), `clair-test-db-${userInfo().uid}`) });
  try {
    await using admin = await connect(server.dsn, options);
    if (!external) await dropLeftovers(admin);
    const name = `${PREFIX}_${process.pid}_${++made}_${Date.now().toString(36)}`;
    await admin.query({ text: `create database ${name} template template0` });
    await admin.query({ text: `alter database ${name} set synchronous_commit = off` });
    return {
      dsn: withDatabase(server.dsn, name),
      async [Symbol.asyncDispose]() {
        {
          await using last = await connect(server.dsn, options);
          await last.query({ text: `drop database if exists ${name} with (force)` });
        }
        await server[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}

/** What killed test processes left behind. */
async function dropLeftovers(admin: Database): Promise<void> {
  const names = await admin.query<{ datname: string }>({
    text: 'select datname from pg_database where starts_with(datname, $1)',
    values: [`${PREFIX}_`],
  });
  for (const { datname } of names) {
    if (!isAlive(Number(datname.split('_')[2]))) {
      await admin.query({ text: `drop database if exists ${datname} with (force)` });
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as { code?: string }).code === 'EPERM';
  }
}
