import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSign } from '../../http/auth/authenticate.ts';
import { NOTIFIER, verifyToken } from '../../http/auth/tokens.ts';
import { Secret } from '../../lib/secret.ts';
import { RetryAfterError } from '../contract.ts';
import { createTransports } from '../open-transports.ts';
import type { WebhookSettings } from './schema.ts';
import { webhookTransport } from './webhook.ts';

const ID = '5e4b387e-88d3-4364-86fd-063447a6fad2';
const CALLBACK = 'http://clair.example/notifier/api/v1/notification/';
const NOW = Date.UTC(2026, 0, 2);
const DELIVERY = { notificationId: ID, callback: CALLBACK + ID };

interface Got {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Of the client. */
  readonly port: number;
}

interface Receiver extends AsyncDisposable {
  readonly address: string;
  readonly got: Got[];
}

/** A receiver that answers as `answer` says. */
async function receiver(answer: (response: ServerResponse, got: Got) => void): Promise<Receiver> {
  const got: Got[] = [];
  const server = createServer(async (request, response) => {
    response.on('error', () => {});
    let body = '';
    for await (const piece of request) body += piece;
    const { method = '', url: path = '', headers, socket } = request;
    const one = { method, path, headers, body, port: socket.remotePort ?? 0 };
    got.push(one);
    answer(response, one);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    got,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

function open(target: string, more: Partial<WebhookSettings> & { patience?: number } = {}) {
  const { patience = 500, ...settings } = more;
  const parts = { userAgent: 'clair/test', patience, now: () => NOW };
  return webhookTransport({ target: new Secret(target), callback: CALLBACK, ...settings }, parts);
}

const secrets = (...texts: string[]): Secret[] => texts.map((text) => new Secret(text));
const soon = (): AbortSignal => AbortSignal.timeout(5000);

describe('the webhook', () => {
  it('posts where the notifications are', async () => {
    await using to = await receiver((response) => response.end());
    const headers = {
      'X-Team': secrets('tea', 'pots'),
      'content-type': secrets('text/plain'),
      Host: secrets('elsewhere'),
    };
    await using hook = open(`${to.address}/hook?x=1`, { headers });
    await hook.deliver(DELIVERY, soon());
    const [{ method, path, headers: sent, body }] = to.got as [Got];
    assert.deepEqual([method, path], ['POST', '/hook?x=1']);
    assert.equal(body, JSON.stringify({ callback: CALLBACK + ID, notification_id: ID }));
    assert.equal(sent['content-type'], 'application/json');
    assert.equal(sent['content-length'], String(Buffer.byteLength(body)));
    assert.equal(sent['user-agent'], 'clair/test');
    assert.equal(sent['x-team'], 'tea, pots');
    assert.equal(`http://${sent.host}`, to.address);
    assert.equal(sent.authorization, undefined);
  });

  for (const [name, auth] of [
    ['shared key', (key: Buffer) => ({ psk: { key, iss: [] } })],
    ['key of the key server', (key: Buffer) => ({ keyserver: { api: 'http://x', intraservice: key } })],
  ] as const) {
    it(`is signed with the ${name}`, async () => {
      const key = Buffer.from('a key of a test');
      const now = (): Date => new Date('2031-02-03T04:05:06Z');
      const sign = createSign(auth(key) as never, now);
      await using to = await receiver((response) => response.end());
      const [hook] = await createTransports(
        {
          webhook: {
            target: new Secret(to.address),
            callback: CALLBACK,
            headers: { authorization: secrets('mine') },
          },
        },
        { sign: sign && (() => sign(NOTIFIER)) },
      );
      await using disposed = hook!;
      await disposed.deliver(DELIVERY, soon());
      const { authorization = '' } = to.got[0]!.headers;
      assert.match(authorization, /^Bearer /);
      const token = authorization.slice('Bearer '.length);
      await verifyToken(token, key, { issuers: ['clair-notifier'], now: now() });
      await assert.rejects(verifyToken(token, Buffer.from('another'), { issuers: [NOTIFIER], now: now() }));
      await assert.rejects(verifyToken(token, key, { issuers: ['somebody'], now: now() }));
    });
  }

  it('uses its connection again', async () => {
    await using to = await receiver((response) => response.end('thanks'));
    await using hook = open(to.address);
    for (let i = 0; i < 5; i++) await hook.deliver(DELIVERY, soon());
    // The second may begin before the first is quite over.
    assert.ok(new Set(to.got.map(({ port }) => port)).size <= 2);
  });

  for (const status of [201, 202, 204, 400, 401, 404, 410, 500, 502]) {
    it(`has not delivered when the answer is ${status}`, async () => {
      await using to = await receiver((response) => response.writeHead(status).end());
      await using hook = open(to.address);
      await assert.rejects(hook.deliver(DELIVERY, soon()), new RegExp(`answers ${status}, not 200`));
      assert.equal(to.got.length, 1);
    });
  }

  it('tells how a refusal begins', async () => {
    const long = `no tea\n\u001b[31m today ${'x'.repeat(1e6)}`;
    await using to = await receiver((response) => response.writeHead(500).end(long));
    await using hook = open(to.address);
    await assert.rejects(hook.deliver(DELIVERY, soon()), (error: Error) => {
      assert.match(error.message, /answers 500, not 200/);
      assert.ok(error.message.length < 400);
      return true;
    });
  });

  for (const [status, value, wait] of [
    [429, '7', 7000],
    [503, '120', 120_000],
    [503, new Date(NOW + 60_000).toUTCString(), 60_000],
    [503, new Date(NOW - 60_000).toUTCString(), undefined],
    [503, 'soon', undefined],
    [500, '7', undefined],
  ] as const) {
    it(`answer ${status} with Retry-After ${value}`, async () => {
      await using to = await receiver((response) => {
        response.writeHead(status, { 'retry-after': value }).end('busy');
      });
      await using hook = open(to.address);
      await assert.rejects(hook.deliver(DELIVERY, soon()), (error: Error) => {
        const asked = error instanceof RetryAfterError ? error.retryAfter : undefined;
        assert.equal(asked, wait);
        return true;
      });
    });
  }

  it('follows a redirect that keeps the method, to the same server', async () => {
    await using to = await receiver((response, { path }) => {
      if (path === '/old') response.writeHead(308, { location: '/new' }).end();
      else response.end();
    });
    await using hook = open(`${to.address}/old`);
    await hook.deliver(DELIVERY, soon());
    assert.deepEqual(
      to.got.map(({ method, path, body }) => [method, path, body !== '']),
      [
        ['POST', '/old', true],
        ['POST', '/new', true],
      ],
    );
  });

  for (const status of [301, 302, 303, 307, 308]) {
    it(`brings its token to no other server: ${status}`, async () => {
      await using other = await receiver((response) => response.end());
      await using to = await receiver((response) => {
        response.writeHead(status, { location: `${other.address}/x` }).end();
      });
      await using hook = open(to.address);
      await assert.rejects(hook.deliver(DELIVERY, soon()), /Set notifier.webhook.target/);
      assert.equal(other.got.length, 0);
    });
  }

  it('does not go round in circles', async () => {
    await using to = await receiver((response) => response.writeHead(307, { location: '/' }).end());
    await using hook = open(to.address);
    await assert.rejects(hook.deliver(DELIVERY, soon()));
    assert.ok(to.got.length < 10);
  });

  it('waits for an answer no longer than its patience', async () => {
    await using to = await receiver(() => {});
    await using hook = open(to.address, { patience: 300 });
    await assert.rejects(hook.deliver(DELIVERY, new AbortController().signal), /does not answer/);
  });

  it('waits for a receiver that is slow', async () => {
    await using to = await receiver((response) => void sleep(200).then(() => response.end()));
    await using hook = open(to.address, { patience: 5000 });
    await hook.deliver(DELIVERY, soon());
  });

  it('has delivered once the status is there, whatever the body does', async () => {
    await using to = await receiver((response) => response.writeHead(200).write('a'));
    await using hook = open(to.address, { patience: 300 });
    await hook.deliver(DELIVERY, soon());
    await using endless = await receiver((response) => {
      const more = (): void => {
        if (!response.destroyed && response.write('x'.repeat(64 * 1024))) setImmediate(more);
      };
      response.on('drain', more).writeHead(200);
      more();
    });
    await using other = open(endless.address);
    await other.deliver(DELIVERY, soon());
  });

  it('ends when it is told to', async () => {
    await using to = await receiver(() => {});
    await using hook = open(to.address, { patience: 60_000 });
    await assert.rejects(hook.deliver(DELIVERY, AbortSignal.timeout(100)), { name: 'TimeoutError' });
  });

  it('fails when the connection is dropped, or nobody is there', async () => {
    let address = '';
    {
      await using to = await receiver((response) => response.destroy());
      address = to.address;
      await using hook = open(address);
      await assert.rejects(hook.deliver(DELIVERY, soon()), /does not answer/);
    }
    await using hook = open(address);
    await assert.rejects(hook.deliver(DELIVERY, soon()), /does not answer: .*connection refused/);
  });

  it('refuses headers that cannot be sent, at start', () => {
    for (const headers of [{ 'a b': secrets('x') }, { x: secrets('a\nb') }]) {
      assert.throws(() => open('http://127.0.0.1', { headers }), { code: 'bad-config' });
    }
  });
});
