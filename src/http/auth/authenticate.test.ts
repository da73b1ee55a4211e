import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import fc from 'fast-check';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { noLog } from '../../lib/log.ts';
import { createServer as createApi } from '../server.ts';
import { audiencesOf } from './audience.ts';
import { type Authenticate, createAuthenticate, createSign, requireAuthentication } from './authenticate.ts';
import { INTRASERVICE, mintBearer } from './tokens.ts';

const NOW = new Date('2030-01-01T00:00:00Z');
const at = NOW.getTime() / 1000;
const now = (): Date => NOW;
const KEY = Buffer.from('secret');

const sign = (payload: JWTPayload, { alg = 'HS256', key = KEY } = {}): Promise<string> =>
  new SignJWT(payload).setProtectedHeader({ alg }).sign(key);

async function passes(
  authenticate: Authenticate | undefined,
  authorization: string | undefined,
  headers: Record<string, string> = { host: 'clair' },
): Promise<boolean> {
  try {
    await authenticate?.({ headers: { ...headers, authorization }, protocol: 'http' });
    return true;
  } catch (error) {
    assert.ok(error instanceof Error && error.message.length > 0);
    return false;
  }
}

describe('a shared key', () => {
  const authenticate = createAuthenticate({ psk: { key: KEY, iss: ['quay'] } }, { now, log: noLog });
  const cases: [string, () => Promise<string | undefined>, boolean][] = [
    ['of a known issuer', async () => `Bearer ${await sign({ iss: 'quay', exp: at + 300 })}`, true],
    ['without times', async () => `Bearer ${await sign({ iss: 'quay' })}`, true],
    ['between services', async () => `Bearer ${await sign({ iss: INTRASERVICE })}`, true],
    ['HS384', async () => `Bearer ${await sign({ iss: 'quay' }, { alg: 'HS384' })}`, true],
    ['HS512', async () => `Bearer ${await sign({ iss: 'quay' }, { alg: 'HS512' })}`, true],
    ['for whatever audience', async () => `Bearer ${await sign({ iss: 'quay', aud: 'x' })}`, true],
    ['our own', () => mintBearer(KEY, INTRASERVICE, NOW), true],
    ['expired, within the leeway', async () => `Bearer ${await sign({ iss: 'quay', exp: at - 10 })}`, true],
    ['not yet, within the leeway', async () => `Bearer ${await sign({ iss: 'quay', nbf: at + 10 })}`, true],
    ['expired', async () => `Bearer ${await sign({ iss: 'quay', exp: at - 20 })}`, false],
    ['not yet', async () => `Bearer ${await sign({ iss: 'quay', nbf: at + 20 })}`, false],
    ['of the future', async () => `Bearer ${await sign({ iss: 'quay', iat: at + 20 })}`, false],
    ['of another issuer', async () => `Bearer ${await sign({ iss: 'mallory' })}`, false],
    ['of no issuer', async () => `Bearer ${await sign({})}`, false],
    ['of the notifier', async () => `Bearer ${await sign({ iss: 'clair-notifier' })}`, false],
    [
      'of another key',
      async () => `Bearer ${await sign({ iss: 'quay' }, { key: Buffer.from('other') })}`,
      false,
    ],
    ['unsigned', async () => `Bearer ${new UnsecuredJWT({ iss: 'quay' }).encode()}`, false],
    ['with a text for a time', async () => `Bearer ${await sign({ iss: 'quay', exp: '1' as never })}`, false],
    ['in another scheme', async () => `bearer ${await sign({ iss: 'quay' })}`, false],
    ['without a scheme', async () => await sign({ iss: 'quay' }), false],
    ['empty', async () => 'Bearer ', false],
    ['absent', async () => undefined, false],
  ];
  for (const [name, token, want] of cases) {
    it(`${want ? 'lets in' : 'keeps out'} a token ${name}`, async () => {
      assert.equal(await passes(authenticate, await token()), want);
    });
  }
  it('keeps out whatever else there is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 200 }), async (text) => {
        assert.equal(await passes(authenticate, `Bearer ${text}`), false);
      }),
      { numRuns: 200 },
    );
  });
  it('is all that there is to know', () => {
    assert.equal(createAuthenticate({}, { now, log: noLog }), undefined);
    assert.equal(createSign({}, now), undefined);
  });
});

describe('a key server', () => {
  let server: Server;
  let api: string;
  let asked: string[];
  let answer: { status: number; body: string; cacheControl?: string };
  let key: Awaited<ReturnType<typeof generateKeyPair>>;
  let clock: Date;
  let authenticate: Authenticate | undefined;
  const INTRA = Buffer.from('between us');

  before(async () => {
    key = await generateKeyPair('RS256', { extractable: true });
    server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.statusCode = answer.status;
      if (answer.cacheControl) response.setHeader('cache-control', answer.cacheControl);
      response.end(answer.body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    api = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys/`;
  });
  after(() => server.close());
  beforeEach(async () => {
    asked = [];
    clock = NOW;
    answer = { status: 200, body: JSON.stringify(await exportJWK(key.publicKey)) };
    authenticate = createAuthenticate(
      { keyserver: { api, intraservice: INTRA }, psk: { key: KEY, iss: ['quay'] } },
      { now: () => clock, log: noLog },
    );
  });

  const token = async (
    payload: JWTPayload = {},
    header: { kid?: string; alg?: string } = { kid: 'k1' },
  ): Promise<string> =>
    `Bearer ${await new SignJWT({ iss: 'quay', aud: 'http://clair', ...payload })
      .setProtectedHeader({ alg: 'RS256', ...header })
      .sign(key.privateKey)}`;

  it('is asked for the key of a service', async () => {
    assert.equal(await passes(authenticate, await token()), true);
    assert.deepEqual(asked, ['/keys/services/quay/keys/k1']);
  });
  it('is not asked again while its answer is fresh', async () => {
    answer.cacheControl = 'max-age=300';
    assert.equal(await passes(authenticate, await token()), true);
    answer.status = 500;
    clock = new Date(NOW.getTime() + 299_000);
    assert.equal(await passes(authenticate, await token()), true);
    assert.equal(asked.length, 1);
    clock = new Date(NOW.getTime() + 301_000);
    assert.equal(await passes(authenticate, await token()), false);
    assert.equal(asked.length, 2);
  });
  for (const cacheControl of ['no-store', 'No-Cache', 'max-age=300, no-store', 'max-age=0']) {
    it(`is asked again for what it says not to keep: ${cacheControl}`, async () => {
      answer.cacheControl = cacheControl;
      assert.equal(await passes(authenticate, await token()), true);
      answer.status = 404;
      assert.equal(await passes(authenticate, await token()), false);
      assert.equal(asked.length, 2);
    });
  }
  it('is asked again for keys of long ago: of so many no more than 1000 are kept', async () => {
    answer.cacheControl = 'max-age=86400';
    const nth = (n: number) => token({}, { kid: `k${n}` });
    for (let n = 0; n <= 1000; n++) assert.equal(await passes(authenticate, await nth(n)), true);
    assert.equal(asked.length, 1001);
    answer.status = 500;
    assert.equal(await passes(authenticate, await nth(1000)), true);
    assert.equal(await passes(authenticate, await nth(1)), true);
    assert.equal(await passes(authenticate, await nth(0)), false, 'the one that came first');
    assert.equal(asked.length, 1002);
  });
  it('tells whether it answers, and how often it was asked', async () => {
    const figures = () => authenticate?.keyserver?.();
    assert.deepEqual(figures(), { reachable: true, asked: { known: 0, unknown: 0, failed: 0 } });
    await passes(authenticate, await token());
    answer.status = 404;
    await passes(authenticate, await token({}, { kid: 'k2' }));
    answer.status = 503;
    assert.equal(await passes(authenticate, await token({}, { kid: 'k3' })), false);
    assert.deepEqual(figures(), { reachable: false, asked: { known: 1, unknown: 1, failed: 1 } });
    answer.status = 200;
    assert.equal(
      await passes(authenticate, await token({}, { kid: 'k3' })),
      true,
      'it is asked at once again',
    );
    assert.equal(figures()?.reachable, true);
  });
  it('is asked once for many requests at a time', async () => {
    const bearer = await token();
    const all = await Promise.all(Array.from({ length: 20 }, () => passes(authenticate, bearer)));
    assert.ok(all.every(Boolean));
    assert.equal(asked.length, 1);
  });

  const refused: [string, () => Promise<string>, Partial<typeof answer>][] = [
    ['an unknown key', () => token(), { status: 404 }],
    ['a key that is not approved', () => token(), { status: 409 }],
    ['a token without a key', () => token({}, {}), {}],
    ['a token for another server', () => token({ aud: 'http://other' }), {}],
    [
      'a token for nobody',
      async () =>
        `Bearer ${await new SignJWT({ iss: 'quay' }).setProtectedHeader({ alg: 'RS256', kid: 'k1' }).sign(key.privateKey)}`,
      {},
    ],
    ['an expired token', () => token({ exp: at - 60 }), {}],
    ['a path in place of a name', () => token({ iss: '../../admin' }), {}],
    ['another algorithm', async () => `Bearer ${await sign({ iss: 'quay', aud: 'http://clair' })}`, {}],
    ['the shared key, which it goes before', async () => `Bearer ${await sign({ iss: 'quay' })}`, {}],
    ['an answer that is no key', () => token(), { body: '<html>' }],
    ['an answer without end', () => token(), { body: 'x'.repeat(100_000) }],
    ['a key of another kind', () => token(), { body: '{"kty":"oct","k":"c2VjcmV0"}' }],
  ];
  for (const [name, bearer, change] of refused) {
    it(`keeps out ${name}`, async () => {
      Object.assign(answer, change);
      assert.equal(await passes(authenticate, await bearer()), false);
    });
  }
  it('that cannot be asked opens nothing', async () => {
    const closed = createAuthenticate(
      { keyserver: { api: 'http://127.0.0.1:1/keys', intraservice: INTRA } },
      { now, log: noLog },
    );
    assert.equal(await passes(closed, await token()), false);
    assert.equal(await passes(closed, undefined), false);
    assert.equal(await passes(closed, await mintBearer(INTRA, INTRASERVICE, NOW)), true);
  });
  it('is not asked about calls between services', async () => {
    const signed = await createSign({ keyserver: { api, intraservice: INTRA } }, now)?.(INTRASERVICE);
    assert.equal(await passes(authenticate, signed), true);
    assert.equal(await passes(authenticate, await mintBearer(INTRA, 'clair-notifier', NOW)), false);
    assert.deepEqual(asked, []);
  });
  it('goes by the address that the sender saw', async () => {
    const bearer = await token({ aud: 'https://clair.example' });
    assert.equal(await passes(authenticate, bearer), false);
    for (const headers of [
      { forwarded: 'for=1.2.3.4;proto=https;host=clair.example, proto=http;host=inner' },
      { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'clair.example' },
    ]) {
      assert.equal(await passes(authenticate, bearer, { host: 'inner', ...headers } as never), true);
    }
  });
});

it('audiencesOf never throws', () => {
  fc.assert(
    fc.property(fc.string(), (forwarded) => {
      assert.ok(audiencesOf({ headers: { forwarded, host: 'h' }, protocol: 'http' }).length > 0);
    }),
  );
});

it('an API that asks for tokens answers nothing without one, but to robots', async () => {
  const app = createApi({ log: noLog });
  app.get('/here', () => 'secret');
  const authenticate = createAuthenticate({ psk: { key: KEY, iss: ['quay'] } }, { now, log: noLog });
  assert.ok(authenticate);
  requireAuthentication(app, authenticate, noLog);
  for (const [url, want] of [
    ['/here', 401],
    ['/nowhere', 401],
    ['/robots.txt', 200],
    ['/robots.txt?x', 401],
    ['//robots.txt', 401],
  ] as const) {
    const { statusCode, body, headers } = await app.inject(url);
    assert.equal(statusCode, want, url);
    if (want === 401) assert.deepEqual([body, headers['www-authenticate']], ['', 'Bearer']);
    else assert.equal(headers['cache-control'], 'no-store');
  }
  const { body } = await app.inject({
    url: '/here',
    headers: { authorization: `Bearer ${await sign({ iss: 'quay' })}` },
  });
  assert.equal(body, 'secret');
});
