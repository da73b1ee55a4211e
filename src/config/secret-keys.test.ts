import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isSecretKey } from './secret-keys.ts';

describe('a key that is a secret', () => {
  for (const name of [
    'intraservice',
    'passcode',
    'password',
    'headers',
    'token',
    'api_key',
    'apikey',
    'SECRET',
  ])
    it(name, () => assert.equal(isSecretKey(name), true));
  for (const name of ['login', 'tls', 'routing_key', 'tokens', 'uris'])
    it(`not ${name}`, () => assert.equal(isSecretKey(name), false));
});
