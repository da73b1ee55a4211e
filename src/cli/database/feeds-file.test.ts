import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { testDatabase } from '../../db/database.fixture.ts';
import { connect, type Database } from '../../db/database.ts';
import { OPERATIONS, sampleLines } from '../../matcher/offline/samples.fixture.ts';
import { openFeedsFile } from './feeds-file.ts';

const sample = (fingerprint: string): string =>
  sampleLines({
    generation: 'head',
    operations: OPERATIONS.map((each) => ({ ...each, fingerprint })),
  }).join('\n');

describe('a file of feeds', () => {
  const open = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'clair-feeds-file-'));
  const at = (name: string): string => join(folder, name);
  const write = (name: string, content: string | Buffer): string => {
    writeFileSync(at(name), content);
    return at(name);
  };
  let db: Database;
  let dsn = '';
  const made = new Set<string>();

  before(async () => {
    open.defer(() => rmSync(folder, { recursive: true, force: true }));
    const database = open.use(await testDatabase());
    dsn = database.dsn;
    db = open.use(await connect(dsn, { applicationName: 'test', max: 2 }));
    open.defer(async () => {
      const left = await db.query<{ name: string }>({
        text: `
          select datname as name from pg_database
          where datname like 'clair_feeds_' || (select oid from pg_database where datname = current_database()) || '%'`,
      });
      for (const { name } of left) await db.query({ text: `drop database ${name}` });
    });
  });
  after(() => open.disposeAsync());

  async function load(file: string, signal = new AbortController().signal): Promise<Database> {
    return await openFeedsFile(file, { db, dsn, say: () => {}, signal });
  }
  async function nameOf(feeds: Database): Promise<string> {
    const [row] = await feeds.query<{ name: string }>({ text: 'select current_database() as name' });
    made.add(row!.name);
    return row!.name;
  }
  async function rowsOf(feeds: Database): Promise<number> {
    const [row] = await feeds.query<{ rows: number }>({ text: 'select count(*)::int as rows from advisory' });
    return row!.rows;
  }
  const exists = async (name: string): Promise<boolean> =>
    (await db.query({ text: 'select from pg_database where datname = $1', values: [name] })).length > 0;

  it('is loaded once, and kept while it is used', async () => {
    let name = '';
    {
      await using first = await load(write('a.json', sample('a')));
      name = await nameOf(first);
      assert.ok((await rowsOf(first)) > 0);
      await first.query({ text: 'create table seen ()' });
      await using again = await load(write('same.json', sample('a')));
      const seen = await again.query({ text: `select from pg_tables where tablename = 'seen'` });
      assert.deepEqual([await nameOf(again), seen.length], [name, 1]);
      await using other = await load(write('b.json.gz', gzipSync(sample('b'))));
      assert.notEqual(await nameOf(other), name);
      assert.equal(await rowsOf(other), await rowsOf(first));
      assert.ok(await exists(name), 'somebody works with it');
    }
    assert.ok(await exists(name), 'for the next scan');
  });

  it('is loaded anew when the first time was not to the end, and others make room for it', async () => {
    const before = [...made];
    const controller = new AbortController();
    const say = (text: string): void => {
      if (text.includes('debian/updater')) controller.abort(new Error('enough'));
    };
    const file = write('c.json', sample('c'));
    await assert.rejects(openFeedsFile(file, { db, dsn, say, signal: controller.signal }), /enough/);
    await using whole = await load(file);
    await nameOf(whole);
    const [row] = await whole.query<{ feeds: number }>({ text: 'select count(*)::int as feeds from feed' });
    assert.ok(row!.feeds > 1);
    for (const name of before) assert.equal(await exists(name), false, name);
  });

  it('comes from a URL, and leaves nothing in the temporary directory', async () => {
    const server = createServer((request, response) => {
      if (request.url === '/feeds') response.end(sample('c'));
      else response.writeHead(404).end();
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const before = process.env.TMPDIR;
    process.env.TMPDIR = mkdtempSync(join(folder, 'tmp-'));
    try {
      const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      await using feeds = await load(`${address}/feeds`);
      assert.ok(made.has(await nameOf(feeds)), 'the same content');
      await assert.rejects(load(`${address}/other`), /status 404/);
      assert.deepEqual(readdirSync(process.env.TMPDIR), []);
    } finally {
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
      server.closeAllConnections();
      server.close();
    }
  });

  it('says why it cannot be loaded if it is broken', async () => {
    const half = gzipSync(sample('d')).subarray(0, 200);
    await assert.rejects(load(write('broken.json', half)), /broken\.json/);
  });
});
