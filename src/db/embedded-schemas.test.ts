import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { connect } from './database.ts';
import { startEmbedded } from './embedded.ts';
import { findBinaries } from './embedded-binaries.ts';
import { canPack, templatePath } from './embedded-template.ts';
import { migrate, pendingMigrations } from './migrate.ts';
import type { MigrationOptions } from './migration-files.ts';

const root = mkdtempSync(join(tmpdir(), 'clair-schemas-test-'));
after(() => rmSync(root, { recursive: true, force: true }));

/** A schema of these files. The same ones have the same template each time that this test runs. */
function schemaOf(name: string, files: readonly string[]): MigrationOptions {
  const folder = join(root, name);
  mkdirSync(folder);
  for (const [at, sql] of files.entries()) writeFileSync(join(folder, `00${at + 1}-things.sql`), sql);
  return { ledger: 'test_migrations', directory: pathToFileURL(`${folder}/`) };
}

const FIRST = 'create table thing (id int primary key)';
const SECOND = 'alter table thing add name text';

interface Made {
  readonly pending: readonly string[];
  /** When each of the migrations ran. */
  readonly ran: readonly string[];
}

/** What is in a new database, or in the one of that directory, before and after it is migrated. */
async function open(directory: string, schema: MigrationOptions): Promise<Made> {
  await using server = await startEmbedded({ dataDir: join(root, directory), schemas: [schema] });
  await using db = await connect(server.dsn, { applicationName: 'test' });
  const pending = await pendingMigrations(db, schema);
  await migrate(db, schema);
  const rows = await db.query<{ ran: string }>({
    text: 'select ran_at::text as ran from test_migrations order by version',
  });
  await db.query({ text: 'insert into thing values (1)' });
  return { pending, ran: rows.map(({ ran }) => ran) };
}

const isWritable = canPack(templatePath(findBinaries(root, undefined).postgres, []));

describe('schemas of a new embedded database', {
  skip: !isWritable && 'no template beside the programs',
}, () => {
  it('are there already, as in the database before', async () => {
    const schema = schemaOf('one', [FIRST]);
    const first = await open('first', schema);
    const second = await open('second', schema);
    assert.deepEqual(first.pending, []);
    // Nothing ran the second time: it is a copy.
    assert.deepEqual(second, first);
  });

  it('are those of the release that makes it, and an older database is migrated', async () => {
    await open('older', schemaOf('old', [FIRST]));
    const newer = schemaOf('new', [FIRST, SECOND]);
    assert.deepEqual((await open('newer', newer)).pending, []);
    await using server = await startEmbedded({ dataDir: join(root, 'older'), schemas: [newer] });
    await using db = await connect(server.dsn, { applicationName: 'test' });
    assert.deepEqual(await pendingMigrations(db, newer), ['002-things.sql']);
    await migrate(db, newer);
    assert.deepEqual(await db.query({ text: 'select * from thing' }), [{ id: 1, name: null }]);
  });

  it('that cannot be made are told, and leave nothing behind', async () => {
    const dataDir = join(root, 'failing');
    await assert.rejects(startEmbedded({ dataDir, schemas: [schemaOf('bad', ['create tabel thing ()'])] }), {
      code: 'database',
      message: /migration 001-things\.sql of test_migrations failed/,
    });
    const good = schemaOf('good', [FIRST]);
    await using server = await startEmbedded({ dataDir, schemas: [good] });
    await using db = await connect(server.dsn, { applicationName: 'test' });
    assert.deepEqual(await pendingMigrations(db, good), []);
  });
});
