/** TLS through a proxy: what is trusted without one is trusted inside its tunnel, and nothing else. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { request } from 'undici';
import { createDispatcher } from './dispatcher.ts';
import { keyPair } from './openssl.fixture.ts';

const pair = keyPair();

describe('TLS through a proxy', { skip: pair === undefined && 'openssl is not installed' }, () => {
  const open = new AsyncDisposableStack();
  const tunnels: string[] = [];
  let url = '';
  let https_proxy = '';

  before(async () => {
    const server = createServer({ ...pair! }, (_, response) => response.end('behind')).listen(0, '127.0.0.1');
    const proxy = createHttpServer().listen(0, '127.0.0.1');
    proxy.on('connect', ({ url: target = '' }, socket) => {
      tunnels.push(target);
      const port = Number(target.split(':').at(-1));
      const through = connect(port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        through.pipe(socket).pipe(through);
      });
      for (const each of [through, socket]) each.on('error', () => socket.destroy());
    });
    for (const each of [server, proxy]) {
      await new Promise((done) => (each.listening ? done(0) : each.once('listening', done)));
      open.defer(async () => {
        each.closeAllConnections();
        await new Promise((done) => each.close(done));
      });
    }
    url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    https_proxy = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  });
  after(() => open.disposeAsync());

  async function ask(options: Parameters<typeof createDispatcher>[0]): Promise<string> {
    const dispatcher = createDispatcher(options, { https_proxy });
    try {
      return await (await request(url, { dispatcher })).body.text();
    } finally {
      await dispatcher.destroy();
    }
  }

  it('trusts what connections without a proxy trust', async () => {
    const ca = pair!.cert.toString();
    assert.equal(await ask({ connect: { ca } }), 'behind');
    assert.deepEqual(tunnels.splice(0), [new URL(url).host]);
    await assert.rejects(ask({}), /self-signed certificate/);
    await assert.rejects(ask({ connect: { timeout: 5000 } }), /self-signed certificate/);
  });

  it('trusts the certificates of this machine where feeds are fetched', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'clair-dispatcher-'));
    open.defer(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'ca.pem'), pair!.cert);
    const program = `
      const { createHttpClient } = await import(${JSON.stringify(new URL('./http-client.ts', import.meta.url).href)});
      await using http = createHttpClient({ backoff: 1 });
      const answer = await http.request(process.argv[1], {}, AbortSignal.timeout(20_000));
      console.log(answer.status);`;
    const run = async (env: Record<string, string>) =>
      await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program, url], {
        env: { PATH: process.env.PATH ?? '', https_proxy, ...env },
      });
    assert.equal((await run({ SSL_CERT_FILE: join(folder, 'ca.pem') })).stdout.trim(), '200');
    await assert.rejects(run({}), /self-signed certificate/);
  });
});
