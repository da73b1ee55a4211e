import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppError, ERRORS, type ErrorCode } from '../errors.ts';
import { createLog, noLog } from '../lib/log.ts';
import { isFresh, negotiate } from './negotiate.ts';
import { route } from './route.ts';
import { createServer } from './server.ts';

describe('negotiate', () => {
  const cases: [string | undefined, string | undefined][] = [
    [undefined, 'a/x'],
    ['', 'a/x'],
    ['*', 'a/x'],
    ['*/*', 'a/x'],
    ['b/y', 'b/y'],
    ['b/*, a/x;q=0.5', 'b/y'],
    ['a/x;q=0, b/y;q=0.1', 'b/y'],
    ['text/html', undefined],
    ['garbage', undefined],
    ['a/x;q=0.2, b/*;q=0.8', 'b/y'],
    ['*/*, a/x;q=0', 'b/y'],
    ['a/*;q=0, */*', 'b/y'],
    ['b/y, a/x', 'b/y'],
    ['A/X ; Q=1', 'a/x'],
    ['a/x;q=x', undefined],
    [', ,', undefined],
  ];
  for (const [accept, want] of cases) {
    it(`answers ${JSON.stringify(accept)} with ${want}`, () => {
      if (want === undefined)
        assert.throws(() => negotiate(accept, 'a/x', 'b/y'), { code: 'not-acceptable' });
      else assert.equal(negotiate(accept, 'a/x', 'b/y'), want);
    });
  }
});

describe('isFresh', () => {
  for (const [header, want] of [
    [undefined, false],
    ['"s"', true],
    ['W/"s"', true],
    ['"a", "s"', true],
    ['*', true],
    ['s', false],
  ] as const) {
    it(`${header} -> ${want}`, () => assert.equal(isFresh(header, '"s"'), want));
  }
});

describe('createServer', () => {
  const app = createServer({ log: noLog, bodyLimit: 100 });
  route(app, '/thing', {
    GET: async () => JSON.stringify({ ok: true }),
    POST: async () => {
      throw new AppError('bad-layer', 'no tar');
    },
    DELETE: async () => {
      throw new Error('secret detail');
    },
  });
  const cases: ['GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE', string, number, string][] = [
    ['GET', '/thing', 200, '{"ok":true}'],
    ['HEAD', '/thing', 200, ''],
    [
      'PUT',
      '/thing',
      405,
      '{"code":"method-not-allowed","message":"endpoint only allows GET, HEAD, POST, DELETE, not PUT"}',
    ],
    ['POST', '/thing', 400, '{"code":"bad-request","message":"no tar"}'],
    ['DELETE', '/thing', 500, '{"code":"internal-error","message":"internal server error"}'],
    ['GET', '/nothing', 404, '404 page not found\n'],
  ];
  for (const [method, url, status, body] of cases) {
    it(`${method} ${url} -> ${status}`, async () => {
      const response = await app.inject({ method, url });
      assert.equal(response.statusCode, status);
      assert.equal(response.body, body);
    });
  }
  it('refuses a body over the limit', async () => {
    const response = await app.inject({ method: 'POST', url: '/thing', body: 'x'.repeat(101) });
    assert.equal(response.statusCode, 413);
    assert.match(response.body, /too large/);
  });
});

describe('a failure of the server', () => {
  const SECRETS = 'cannot connect at db.internal:5432, database "clair" as "admin"';
  const codes = Object.keys(ERRORS).filter((code) => ERRORS[code as ErrorCode].status >= 500) as ErrorCode[];
  const lines: string[] = [];
  const app = createServer({ log: createLog('info', { write: (line) => lines.push(line) }) });
  for (const code of codes) {
    route(app, `/${code}`, {
      GET: async () => {
        throw new AppError(code, SECRETS);
      },
    });
  }
  /** What keeps a layer from being fetched, or in time, or cannot be asked for, is the caller's own business. */
  const TOLD: readonly ErrorCode[] = ['layer-unavailable', 'timeout', 'not-ready', 'not-supported'];
  for (const code of codes) {
    it(`has its reason in the log${TOLD.includes(code) ? '' : ', and there only'}: ${code}`, async () => {
      lines.length = 0;
      const { statusCode, body } = await app.inject({ url: `/${code}` });
      assert.equal(statusCode, ERRORS[code].status);
      assert.equal(body.includes('db.internal'), TOLD.includes(code), body);
      const [line] = lines.map((text) => JSON.parse(text));
      assert.deepEqual(
        [line.level, line.msg, line.error, line.reason],
        ['ERROR', 'request failed', code, SECRETS],
      );
    });
  }
});
