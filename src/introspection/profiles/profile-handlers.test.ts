import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type OutgoingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { noLog } from '../../lib/log.ts';
import { createListener } from '../listener.ts';
import { profileHandlers } from './profile-handlers.ts';

describe('profiles', () => {
  const server = createListener({
    isReady: async () => true,
    handlers: profileHandlers({
      heapIsTaken: false,
      authenticate: async ({ headers }) => {
        if (headers.authorization !== 'Bearer good') throw new Error('no token');
      },
    }),
    log: noLog,
  });
  let port = 0;
  before(async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    port = (server.address() as AddressInfo).port;
  });
  after(() => server.close().closeAllConnections());

  async function ask(path: string, headers: OutgoingHttpHeaders): Promise<number> {
    const [answer] = await once(get({ host: '127.0.0.1', port, path, headers }), 'response');
    answer.resume();
    await once(answer, 'end');
    return answer.statusCode;
  }

  const cases: [string, OutgoingHttpHeaders, number][] = [
    ['this machine', { host: 'localhost:8089' }, 200],
    ['this machine, by its address', { host: '127.0.0.1' }, 200],
    ['this machine, by its address of IPv6', { host: '[::1]:8089' }, 200],
    ['another name', { host: 'clair.example.com' }, 401],
    ['another name that begins like this one', { host: '127.0.0.1.example.com' }, 401],
    ['a proxy on this machine', { host: 'localhost', 'x-forwarded-for': '192.0.2.1' }, 401],
    [
      'a proxy on this machine that says so otherwise',
      { host: 'localhost', forwarded: 'for=192.0.2.1' },
      401,
    ],
    ['elsewhere, with a token', { host: 'clair.example.com', authorization: 'Bearer good' }, 200],
    ['elsewhere, with another token', { host: 'clair.example.com', authorization: 'Bearer bad' }, 401],
  ];
  const paths = ['/', '/cmdline', '/profile?seconds=0.01', '/heap?seconds=0.01', '/snapshot'];
  for (const [from, headers, want] of cases) {
    it(`are ${want === 200 ? 'given' : 'refused'} to ${from}`, async () => {
      const asked = want === 200 ? paths.slice(0, 2) : paths;
      for (const path of asked) assert.equal(await ask(`/debug/pprof${path}`, headers), want, path);
    });
  }
});
