import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { app, ETAG, FAILED, KNOWN, PATH, PREFIX, STATE, TYPE, UNKNOWN } from './index-report.fixture.ts';

describe('GET index_report', () => {
  const cases: [string, string, Record<string, string>, number, string | undefined, RegExp][] = [
    ['the report', KNOWN, {}, 200, TYPE, /IndexFinished/],
    ['a digest in capitals', KNOWN.replaceAll('a', 'A').replace('shA', 'sha'), {}, 200, TYPE, /Finished/],
    ['one that failed', FAILED, {}, 200, TYPE, /IndexError/],
    ['plain JSON', KNOWN, { accept: 'application/json' }, 200, 'application/json', /IndexFinished/],
    ['another type', KNOWN, { accept: 'text/html' }, 415, 'application/json', /"internal-error"/],
    ['nonsense for a type', KNOWN, { accept: 'garbage' }, 415, 'application/json', /"internal-error"/],
    ['one that it has', KNOWN, { 'if-none-match': ETAG }, 304, undefined, /^$/],
    ['one of another state', KNOWN, { 'if-none-match': '"x"' }, 200, TYPE, /IndexFinished/],
    ['an unknown one', UNKNOWN, {}, 404, 'application/json', /"index report not found"/],
    [
      'an unknown one of this state',
      UNKNOWN,
      { 'if-none-match': ETAG },
      404,
      'application/json',
      /not-found/,
    ],
    ['a short digest', 'sha256:abcd', {}, 400, 'application/json', /"bad-request".*malformed digest/],
    ['a digest of another kind', `md5:${'a'.repeat(32)}`, {}, 400, 'application/json', /malformed digest/],
  ];
  for (const [what, hash, headers, status, type, body] of cases) {
    it(`${what} -> ${status}`, async () => {
      const response = await app().ask('GET', `${PATH}/${hash}`, { headers });
      assert.equal(response.statusCode, status, response.body);
      assert.equal(response.headers['content-type'], type);
      assert.match(response.body, body);
      assert.equal(response.headers.etag, status < 400 && hash !== FAILED ? ETAG : undefined);
    });
  }
  it('takes the last segment for the digest', async () => {
    const { ask } = app();
    assert.equal((await ask('GET', `${PATH}/a/b/${KNOWN}`)).statusCode, 200);
    assert.equal((await ask('GET', `${PATH}/`)).statusCode, 400);
    assert.equal((await ask('GET', `${PATH}/${KNOWN}`)).headers.vary, 'Accept, Accept-Encoding');
  });
});

describe('DELETE index_report', () => {
  it('answers 204, known or not', async () => {
    for (const hash of [KNOWN, UNKNOWN]) {
      const { statusCode, body } = await app().ask('DELETE', `${PATH}/${hash}`);
      assert.deepEqual([statusCode, body], [204, '']);
    }
    assert.equal((await app().ask('DELETE', `${PATH}/nope`)).statusCode, 400);
  });

  const bulk: [string, unknown, number, string][] = [
    ['those that were there', [KNOWN, UNKNOWN], 200, JSON.stringify([KNOWN])],
    ['null where none was', [UNKNOWN], 200, 'null'],
    ['null for nothing', [], 200, 'null'],
    ['null for null', null, 200, 'null'],
  ];
  for (const [what, body, status, want] of bulk) {
    it(`gives ${what}`, async () => {
      const response = await app().ask('DELETE', PATH, { body: JSON.stringify(body) });
      assert.deepEqual([response.statusCode, response.body], [status, want]);
      assert.equal(response.headers['content-type'], 'application/json');
    });
  }

  for (const body of ['', '{', '{}', '"x"', '[5]', '["x"]']) {
    it(`refuses ${JSON.stringify(body)}`, async () => {
      const response = await app().ask('DELETE', PATH, { body });
      assert.equal(response.statusCode, 400);
      assert.equal(response.json().code, 'bad-request');
    });
  }
});

describe('index_state', () => {
  const type = 'application/vnd.clair.index_state.v1+json';
  const cases: [Record<string, string>, number, string | undefined][] = [
    [{}, 200, type],
    [{ accept: '*/*' }, 200, type],
    [{ accept: 'application/json' }, 200, 'application/json'],
    [{ accept: 'text/html' }, 415, 'application/json'],
    [{ 'if-none-match': ETAG }, 304, undefined],
    [{ 'if-none-match': `"x", ${ETAG}` }, 304, undefined],
  ];
  for (const [headers, status, want] of cases) {
    it(`${JSON.stringify(headers)} -> ${status}`, async () => {
      const response = await app().ask('GET', `${PREFIX}/index_state`, { headers });
      assert.deepEqual([response.statusCode, response.headers['content-type']], [status, want]);
      if (status < 400) assert.equal(response.headers.etag, ETAG);
      if (status === 200) assert.equal(response.body, `{"state":"${STATE}"}`);
    });
  }
});

describe('other methods and paths', () => {
  const cases: ['GET' | 'PUT' | 'POST' | 'DELETE' | 'OPTIONS', string, number, string][] = [
    ['GET', PATH, 405, 'POST, DELETE'],
    ['PUT', PATH, 405, 'POST, DELETE'],
    ['OPTIONS', PATH, 405, 'POST, DELETE'],
    ['POST', `${PATH}/${KNOWN}`, 405, 'GET, HEAD, DELETE'],
    ['POST', `${PREFIX}/index_state`, 405, 'GET, HEAD'],
    ['GET', `${PREFIX}/index_state/`, 404, ''],
  ];
  for (const [method, url, status, allow] of cases) {
    it(`${method} ${url.replace(KNOWN, 'D')} -> ${status}`, async () => {
      const response = await app().ask(method, url, method === 'POST' ? { body: '{}' } : {});
      assert.equal(response.statusCode, status);
      assert.equal(response.headers.allow ?? '', allow);
      if (status === 405) assert.equal(response.json().code, 'method-not-allowed');
    });
  }
});
