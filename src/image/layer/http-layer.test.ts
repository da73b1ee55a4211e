import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, afterEach, before, describe, it } from 'node:test';
import type { ResolveName } from '../registry/private-address.ts';
import { getLayer, type HttpOptions, requestHeaders } from './http-layer.ts';

const servers: Server[] = [];
const seen: IncomingMessage[] = [];
let proxy: string;

async function serve(listener: RequestListener): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    seen.push(request);
    listener(request, response);
  }).listen(0, '127.0.0.1', resolve);
  servers.push(server);
  await promise;
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const VARIABLES = ['http_proxy', 'HTTP_PROXY', 'no_proxy', 'NO_PROXY'];
const set = Object.fromEntries(VARIABLES.map((name) => [name, process.env[name]]));

before(async () => {
  for (const name of VARIABLES) delete process.env[name];
  proxy = await serve((_, response) => response.end('by the proxy'));
});
after(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  for (const [name, value] of Object.entries(set)) if (value !== undefined) process.env[name] = value;
});
afterEach(() => {
  seen.length = 0;
  for (const name of VARIABLES) delete process.env[name];
});

const at =
  (address: string): ResolveName =>
  (_, __, callback) =>
    callback(null, [{ address, family: address.includes(':') ? 6 : 4 }]);
const unknown: ResolveName = (_, __, callback) => callback(new Error('ENOTFOUND'), []);

async function get(url: string, options: Partial<HttpOptions> = {}, headers = {}): Promise<string> {
  const signal = AbortSignal.timeout(10_000);
  const { response } = await getLayer(url, requestHeaders(headers), { airgap: false, signal, ...options });
  return (await response.toArray()).join('');
}

describe('redirects of a layer', () => {
  it('bring no header of the layer to another host, nor back', async () => {
    let home = '';
    const away = await serve((_, response) => response.writeHead(302, { location: `${home}/end` }).end());
    home = await serve((request, response) => {
      if (request.url === '/end') response.end('layer');
      else response.writeHead(307, { location: request.url === '/' ? '/again' : `${away}/x` }).end();
    });
    const headers = {
      'X-Api-Key': ['key'],
      'PRIVATE-TOKEN': ['token'],
      Authorization: ['Bearer t'],
      Cookie: ['a=b'],
      'User-Agent': ['secret'],
      Range: ['bytes=5-'],
    };
    assert.equal(await get(`${home}/`, {}, headers), 'layer');
    assert.deepEqual(
      seen.map(({ headers: got }) => [got['x-api-key'], got['private-token'], got.authorization, got.cookie]),
      [
        ['key', 'token', 'Bearer t', 'a=b'],
        ['key', 'token', 'Bearer t', 'a=b'],
        [undefined, undefined, undefined, undefined],
        [undefined, undefined, undefined, undefined],
      ],
    );
    assert.deepEqual(
      seen.slice(2).map(({ headers: got }) => [got['user-agent'], got['accept-encoding'], got.range]),
      [
        ['clair', 'identity', 'bytes=5-'],
        ['clair', 'identity', 'bytes=5-'],
      ],
    );
  });
  it('lead to no refused address', async () => {
    for (const location of ['http://[2002:a9fe:a9fe::]/', 'http://[fd20:ce::254]/', 'http://0xa9fea9fe/']) {
      const home = await serve((_, response) => response.writeHead(302, { location }).end());
      await assert.rejects(get(home), { code: 'bad-layer-url', message: /address is not allowed/ });
    }
  });
});

describe('a layer behind a proxy', () => {
  for (const variable of ['http_proxy', 'HTTP_PROXY']) {
    it(`is asked for if its name is at a good address, or known to the proxy only (${variable})`, async () => {
      process.env[variable] = proxy;
      assert.equal(await get('http://layers.test/x', { resolve: at('192.0.2.1') }), 'by the proxy');
      assert.equal(await get('http://layers.test/x', { resolve: unknown }), 'by the proxy');
      assert.deepEqual(
        seen.map(({ url }) => url),
        ['http://layers.test/x', 'http://layers.test/x'],
      );
    });
    it(`is not asked for if its name is at a refused one (${variable})`, async () => {
      process.env[variable] = proxy;
      for (const resolve of [at('169.254.169.254'), at('64:ff9b:1::a9fe:a9fe')]) {
        await assert.rejects(get('http://layers.test/x', { resolve }), { code: 'bad-layer-url' });
      }
      await assert.rejects(get('http://layers.test/x', { resolve: at('192.0.2.1'), airgap: true }), {
        code: 'bad-layer-url',
        message: /Get "http:\/\/layers\.test\/x": layers\.test: address is not private/,
      });
      await assert.rejects(get('http://metadata.google.internal/x', { resolve: unknown }), {
        code: 'bad-layer-url',
      });
      assert.deepEqual(seen, []);
    });
  }
  it('is given up with the signal while its name is looked up', async () => {
    process.env.HTTP_PROXY = proxy;
    const stop = new AbortController();
    const asked = get('http://layers.test/x', { resolve: () => stop.abort(), signal: stop.signal });
    await assert.rejects(asked, { code: 'layer-unavailable' });
  });
});
