/** What a service gives away of its secrets, and what becomes of an error that nobody caught. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { testDatabase } from '../../src/db/database.fixture.ts';
import { mintBearer } from '../../src/http/auth/tokens.ts';
import { freePort } from '../conformance/service.ts';
import { type Running, start } from './run-program.ts';

const KEY = 'the-key-that-nobody-may-read-0123456789';
const PASSWORD = 'the-password-that-nobody-may-read';
const ISSUER = 'the-issuer-that-everybody-may-read';
const folder = mkdtempSync(join(tmpdir(), 'clair-last-defence-'));
after(() => rmSync(folder, { recursive: true, force: true }));

interface Service extends Running {
  readonly address: string;
  readonly introspection: string;
}

async function service(
  dsn: string,
  kind: 'yaml' | 'json',
  env: Record<string, string> = {},
): Promise<Service> {
  const [port, port2] = [await freePort(), await freePort()];
  const config = JSON.stringify({
    http_listen_addr: `127.0.0.1:${port}`,
    introspection_addr: `127.0.0.1:${port2}`,
    indexer: { connstring: `${dsn} password=${PASSWORD}`, migrations: true },
    matcher: { connstring: `${dsn} password=${PASSWORD}`, migrations: true, disable_updaters: true },
    auth: { psk: { key: Buffer.from(KEY).toString('base64'), iss: [ISSUER] } },
  });
  const file = join(folder, `${port}.${kind}`);
  writeFileSync(file, config);
  const running = start('clair', ['-conf', file], env);
  await running.waitFor(/"msg":"ready"/);
  return { ...running, address: `http://127.0.0.1:${port}`, introspection: `http://127.0.0.1:${port2}` };
}

describe('a snapshot of the heap of a configured service', () => {
  for (const kind of ['yaml', 'json'] as const) {
    it(`has its texts, but neither key nor password (.${kind})`, async () => {
      await using database = await testDatabase();
      await using clair = await service(database.dsn, kind);
      const authorization = await mintBearer(Buffer.from(KEY), ISSUER, new Date());
      const state = await fetch(`${clair.address}/indexer/api/v1/index_state`, {
        headers: { authorization },
      });
      assert.equal(state.status, 200, await state.text());
      const answer = await fetch(`${clair.introspection}/debug/pprof/snapshot`);
      assert.equal(answer.status, 200);
      const text = await answer.text();
      assert.ok(text.includes(ISSUER), 'it has what is no secret');
      for (const secret of [KEY, Buffer.from(KEY).toString('base64'), PASSWORD]) {
        const at = text.indexOf(secret);
        assert.equal(at, -1, text.slice(Math.max(0, at - 200), at + 200));
      }
    });
  }
});

describe('an error that nobody caught', () => {
  const cases: [string, string, RegExp][] = [
    ['thrown', `throw new Error('it broke', { cause: new Error('the disk') })`, /Error: it broke/],
    ['of a promise', `void Promise.reject(new Error('it broke', { cause: 'the disk' }))`, /Error: it broke/],
    ['that is none', `throw { toString() { throw 'the disk' } }`, /something that has no text/],
    [
      'of an emitter without a listener',
      `new (require('node:events'))().emit('error', new Error('it broke', { cause: 'the disk' }))`,
      /it broke/,
    ],
  ];
  for (const [what, code, reason] of cases) {
    it(`is logged as fatal, with its cause, and ends the service with 70: ${what}`, async () => {
      await using database = await testDatabase();
      const script = `import { createRequire } from 'node:module';
        const require = createRequire('/');
        process.on('SIGUSR2', () => { ${code} });`;
      const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(script)}`;
      await using clair = await service(database.dsn, 'json', { NODE_OPTIONS });
      clair.child.kill('SIGUSR2');
      const { code: exit, stderr } = await clair.ended;
      assert.equal(exit, 70, stderr);
      const last = JSON.parse(stderr.trim().split('\n').at(-1)!);
      assert.deepEqual([last.level, last.msg], ['FATAL', 'uncaught error']);
      assert.match(last.reason, reason);
      assert.equal(last.origin, what === 'of a promise' ? 'unhandledRejection' : 'uncaughtException');
      if (what !== 'that is none') assert.match(last.causes[1], /the disk/);
    });
  }
});
