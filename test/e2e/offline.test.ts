/** `clairctl import-updaters`, `export-updaters`, `db export` and `db import` as a user runs them. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { zstdCompressSync } from 'node:zlib';
import { testDatabase } from '../../src/db/database.fixture.ts';
import { sampleLines } from '../../src/matcher/offline/samples.fixture.ts';
import { freePort } from '../conformance/service.ts';
import { type Ended, runToEnd, start } from './run-program.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-offline-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const lines = sampleLines({ generation: '1.5.52' });

describe('offline use', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let server: Server;
  let url: string;
  before(async () => {
    database = await testDatabase();
    server = createServer((request, response) => {
      if (request.url === '/export.json.zst') response.end(zstdCompressSync(`${lines.join('\n')}\n`));
      // Half of an operation, and nothing more.
      else if (request.url === '/hangs') response.write(`${lines.slice(0, 2).join('\n')}\n`);
      else response.writeHead(404).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(async () => {
    server.closeAllConnections();
    server.close();
    await database[Symbol.asyncDispose]();
  });

  const clairctl = (...args: string[]): Promise<Ended> =>
    runToEnd('clairctl', [...args, '--db', database.dsn]);
  const status = async () => {
    const { stdout } = await clairctl('db', 'status', '--json');
    return rowsOf(stdout);
  };

  it('leaves nothing of an operation behind when it is killed', async () => {
    await using running = start('clairctl', ['import-updaters', `${url}/hangs`, '--db', database.dsn]);
    await once(server, 'request');
    await sleep(500);
    running.child.kill('SIGKILL');
    await running.ended;
    // What comes over the network is on disk before a transaction begins: nothing is known of it yet.
    assert.deepEqual(await status(), []);
  });

  it('imports from a URL, and once only', async () => {
    const first = await clairctl('import-updaters', `${url}/export.json.zst`);
    assert.equal(first.code, 0, first.stderr);
    assert.equal(
      first.stdout,
      '4 feeds imported (5 records), 0 already loaded, 0 older than the loaded data, 1 not supported, 0 failed\n',
    );
    assert.deepEqual(await status(), ['clair.cvss 1', 'debian/updater 2', 'osv/npm 1', 'osv/pypi 1']);
    const again = await clairctl('import-updaters', `${url}/export.json.zst`);
    assert.match(again.stdout, /^0 feeds imported \(0 records\), 4 already loaded/);
  });

  it('tells what is wrong with a file', async () => {
    const plain = join(folder, 'host');
    writeFileSync(plain, 'a-host-name\n');
    const cases: [args: string[], message: RegExp][] = [
      [[], /argument input is missing/],
      [[join(folder, 'nope.json')], /cannot read .*nope\.json: file or directory not found/],
      [[plain], /is not an export of export-updaters: line 1: not JSON/],
      [['--gzip', plain], /is not compressed with gzip/],
      [[`${url}/nope`], /returned status 404/],
      [[folder], /it is a directory/],
    ];
    for (const [args, message] of cases) {
      const { code, stderr } = await clairctl('import-updaters', ...args);
      assert.equal(code, 1, stderr);
      assert.match(stderr, message);
    }
  });

  it('writes an export that appears when it is whole', async () => {
    const file = join(folder, 'out.json');
    const good = await clairctl('export-updaters', '--from-database', file);
    assert.equal(good.code, 0, good.stderr);
    const written = readFileSync(file, 'utf8');
    assert.equal(written.trimEnd().split('\n').length, 5);
    for (const line of written.trimEnd().split('\n'))
      assert.match(
        line,
        /^\{"Updater":"[^"]+","Fingerprint":".*","Date":"[^"]+Z","Ref":"[0-9a-f-]{36}","(Vuln|Enrichment)":\{.*\},"Kind":"(vulnerability|enrichment)"\}$/,
      );

    const config = join(folder, 'config.json');
    const nobody = `http://127.0.0.1:${await freePort()}/`;
    writeFileSync(
      config,
      JSON.stringify({ updaters: { sets: ['alpine'], config: { alpine: { url: nobody } } } }),
    );
    const bad = await runToEnd('clairctl', ['export-updaters', '--strict', '--config', config, file]);
    assert.equal(bad.code, 1);
    assert.match(bad.stderr, /feed alpine failed: /);
    assert.equal(readFileSync(file, 'utf8'), written, 'the older one stays');
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.endsWith('.tmp')),
      [],
    );
    const packed = await runToEnd('clairctl', ['export-updaters', '--config', config, `${file}.gz`]);
    assert.equal(packed.code, 0, 'without --strict a feed that fails is no failure, as in Clair');
  });

  it('carries a whole database in a bundle', async () => {
    const file = join(folder, 'clair.db.zst');
    const want = await status();
    const written = await clairctl('db', 'export', '--progress', 'plain', file);
    assert.equal(written.code, 0, written.stderr);
    assert.match(written.stderr, /^export, before compression: 0\.\d MB$/m);
    await using other = await testDatabase();
    const loaded = await runToEnd('clairctl', [
      ...['db', 'import', '--progress', 'plain', file, '--db', other.dsn],
    ]);
    assert.equal(loaded.code, 0, loaded.stderr);
    assert.match(loaded.stderr, /^import, after decompression: 0\.\d MB$/m);
    assert.match(loaded.stdout, /^loaded the advisory database of 20/);
    const quiet = await runToEnd('clairctl', ['db', 'import', '--quiet', file, '--db', other.dsn]);
    assert.deepEqual([quiet.code, quiet.stderr], [0, '']);
    assert.match(quiet.stdout, /^already loaded/);
    const { stdout } = await runToEnd('clairctl', ['db', 'status', '--json', '--db', other.dsn]);
    assert.deepEqual(rowsOf(stdout), want);
    const updates = await clairctl('db', 'import', join(folder, 'out.json'));
    assert.equal(updates.code, 0, updates.stderr);
    assert.match(updates.stdout, /4 already loaded/, 'an export of updaters is told by its first byte');
    const wrong = await clairctl('db', 'import', join(folder, 'host'));
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /is not a bundle of "clairctl db export"/);
  });
});

function rowsOf(json: string): string[] {
  const { feeds } = JSON.parse(json) as { feeds: { name: string; rows: number }[] };
  return feeds.map(({ name, rows }) => `${name} ${rows}`);
}
