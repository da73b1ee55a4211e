import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { hideSecrets } from './hide-secrets.ts';

const X = '[hidden]';

describe('secrets of a configuration', () => {
  const cases: readonly (readonly [name: string, given: unknown, want: unknown])[] = [
    ['a shared key', { auth: { psk: { key: 's', iss: ['a'] } } }, { auth: { psk: { key: X, iss: ['a'] } } }],
    [
      'the key of a key server',
      { auth: { keyserver: { api: 'http://q', intraservice: 's' } } },
      { auth: { keyserver: { api: 'http://q', intraservice: X } } },
    ],
    ['not the path of a key', { tls: { cert: '/c', key: '/k' } }, { tls: { cert: '/c', key: '/k' } }],
    [
      'headers, of which the names stay',
      { notifier: { webhook: { headers: { A: ['s', 't'] } } } },
      { notifier: { webhook: { headers: { A: [X, X] } } } },
    ],
    [
      'a login of STOMP',
      { notifier: { stomp: { user: { login: 'me', passcode: 's' } } } },
      { notifier: { stomp: { user: { login: 'me', passcode: X } } } },
    ],
    [
      'passwords in addresses',
      { a: 'host=h password=s', b: ['amqp://me:s@h/'], c: 'postgres://me:s@h/d?x=1' },
      { a: 'host=h password=[hidden]', b: ['amqp://[hidden]@h/'], c: 'postgres://[hidden]@h/d?x=1' },
    ],
    [
      'nothing where nothing is',
      { password: '', headers: null, n: 1, t: true },
      { password: '', headers: null, n: 1, t: true },
    ],
  ];
  for (const [name, given, want] of cases) it(name, () => assert.deepEqual(hideSecrets(given), want));

  it('keeps the shape of anything', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const hidden = hideSecrets(value);
        assert.equal(typeof hidden, typeof value);
        assert.equal(Array.isArray(hidden), Array.isArray(value));
      }),
    );
  });
});
