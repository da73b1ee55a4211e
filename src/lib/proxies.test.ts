import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { proxiesOf } from './proxies.ts';

const basic = (login: string): string => `Basic ${Buffer.from(login).toString('base64')}`;

/** Name; environment; proxy of http and of https as `[uri, authorization]`. */
const cases: [string, Record<string, string>, string[] | undefined, string[] | undefined][] = [
  ['none', {}, undefined, undefined],
  ['empty ones are none', { HTTP_PROXY: '', https_proxy: '' }, undefined, undefined],
  ['one without a login, as it is', { HTTP_PROXY: 'http://p:1' }, ['http://p:1'], ['http://p:1']],
  ['lower case goes first', { http_proxy: 'http://a', HTTP_PROXY: 'http://b' }, ['http://a'], ['http://a']],
  ['only one for TLS', { HTTPS_PROXY: 'http://p:1' }, undefined, ['http://p:1']],
  [
    'a login',
    { HTTP_PROXY: 'http://me:a%40b@p:1' },
    ['http://p:1/', basic('me:a@b')],
    ['http://p:1/', basic('me:a@b')],
  ],
  [
    'a login each',
    { HTTP_PROXY: 'http://me:a@p:1', HTTPS_PROXY: 'https://you@p:2/' },
    ['http://p:1/', basic('me:a')],
    ['https://p:2/', basic('you:')],
  ],
  [
    'a % that is one',
    { HTTP_PROXY: 'http://me:5%@p' },
    ['http://p/', basic('me:5%')],
    ['http://p/', basic('me:5%')],
  ],
  ['what is no URL is left to who connects', { HTTP_PROXY: '::' }, ['::'], ['::']],
];

describe('proxiesOf', () => {
  for (const [name, env, http, https] of cases) {
    it(name, () => {
      const found = proxiesOf(env);
      const shown = [found.http, found.https].map(
        (proxy) => proxy && [proxy.uri, ...(proxy.headers ? [proxy.headers['proxy-authorization']] : [])],
      );
      assert.deepEqual(shown, [http, https]);
    });
  }

  it('has logins in requests only: in no copy by JSON, and shown nowhere', () => {
    const { http } = proxiesOf({ HTTP_PROXY: 'http://me:secret@p' });
    assert.equal({ ...http!.headers }['proxy-authorization'], basic('me:secret'));
    for (const text of [JSON.stringify(http), inspect(http)]) {
      assert.doesNotMatch(text, /secret|Basic/);
    }
  });
});
