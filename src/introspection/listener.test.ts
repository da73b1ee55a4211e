import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { noLog } from '../lib/log.ts';
import { createListener } from './listener.ts';
import { createMetrics } from './metrics/registry.ts';
import { tellKeyserver } from './metrics/tell-keyserver.ts';
import { createReadiness } from './readiness.ts';

describe('createReadiness', () => {
  it('asks each database once a second, and none that hangs twice', async () => {
    let pings = 0;
    const ping = (): Promise<void> => {
      pings++;
      return new Promise(() => {});
    };
    const hung = { ping, lastAnswer: () => Number.NEGATIVE_INFINITY };
    const isReady = createReadiness(() => [hung], { hold: 0, patience: 20 });
    assert.deepEqual(await Promise.all([isReady(), isReady()]), [false, false]);
    await sleep(5);
    assert.equal(await isReady(), false);
    assert.equal(pings, 1);
  });

  it('takes a busy pool for ready while others get answers', async () => {
    const busy = { ping: () => new Promise(() => {}), lastAnswer: () => performance.now() };
    assert.equal(await createReadiness(() => [busy], { patience: 10 })(), true);
  });

  it('is not ready before the start is over, nor when a database refuses', async () => {
    const good = { ping: async () => [], lastAnswer: () => 0 };
    const bad = { ping: () => Promise.reject(new Error('no')), lastAnswer: () => performance.now() };
    for (const [databases, want] of [
      [undefined, false],
      [[], true],
      [[good], true],
      [[good, bad], false],
    ] as const) {
      assert.equal(await createReadiness(() => databases)(), want);
    }
  });
});

describe('createListener', () => {
  const cases: [
    method: string,
    path: string,
    headers: Record<string, string>,
    status: number,
    body: string,
  ][] = [
    ['GET', '/healthz', {}, 200, 'ok'],
    ['POST', '/healthz', {}, 200, 'ok'],
    ['GET', '/readyz', {}, 503, ''],
    ['HEAD', '/readyz', {}, 503, ''],
    ['POST', '/readyz', {}, 405, ''],
    ['GET', '/metrics', {}, 401, ''],
    ['GET', '/nope', {}, 401, ''],
    ['GET', '/metrics', { authorization: 'yes' }, 200, 'm'],
    ['POST', '/metrics', { authorization: 'yes' }, 405, 'method POST is not allowed, use GET\n'],
    ['GET', '/below/x', { authorization: 'yes' }, 200, 'b'],
    ['GET', '/nope', { authorization: 'yes' }, 404, '404 page not found\n'],
    ['GET', '/broken', { authorization: 'yes' }, 500, 'internal server error: see the log\n'],
  ];
  it('answers each path as it should', async (t) => {
    const server = createListener({
      isReady: async () => false,
      handlers: {
        '/metrics': async (_request, response) => void response.end('m'),
        '/below/': async (_request, response) => void response.end('b'),
        '/broken': () => Promise.reject(new Error('broken')),
      },
      authenticate: async ({ headers }) => {
        if (headers.authorization !== 'yes') throw new Error('no token');
      },
      log: noLog,
    });
    server.listen(0, '127.0.0.1');
    t.after(() => server.close().closeAllConnections());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    for (const [method, path, headers, status, body] of cases) {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers });
      assert.deepEqual([path, answer.status, await answer.text()], [path, status, body]);
    }
  });
});

describe('a key server that does not answer', () => {
  it('is in the metrics, and a note where the service says that it is ready', async () => {
    const figures = { reachable: false, asked: { known: 3, unknown: 1, failed: 2 } };
    const metrics = createMetrics();
    tellKeyserver(() => figures, metrics);
    const notes = (): string[] => (figures.reachable ? [] : ['the key server does not answer']);
    const server = createListener({ isReady: async () => true, notes, handlers: {}, log: noLog });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/readyz`;
    const ready = async (): Promise<[number, string]> => {
      const answer = await fetch(url);
      assert.equal(answer.headers.get('cache-control'), 'no-store');
      return [answer.status, await answer.text()];
    };
    const text = await metrics.text();
    for (const line of [
      'clair_auth_keyserver_up 0',
      'clair_auth_keyserver_requests_total{outcome="known"} 3',
      'clair_auth_keyserver_requests_total{outcome="failed"} 2',
    ]) {
      assert.ok(text.split('\n').includes(line), line);
    }
    assert.deepEqual(await ready(), [200, 'the key server does not answer\n']);
    figures.reachable = true;
    assert.deepEqual(await ready(), [200, '']);
    assert.match(await metrics.text(), /^clair_auth_keyserver_up 1$/m);
    server.closeAllConnections();
    server.close();
  });
});
