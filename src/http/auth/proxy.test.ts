import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isNetwork } from '../../lib/network.ts';
import { Secret } from '../../lib/secret.ts';
import { createReadProxy } from './proxy.ts';

const SECRET = 'correct horse battery';
const read = createReadProxy({
  trusted: ['10.0.0.0/8', '192.0.2.7', '2001:db8::/32'],
  user_header: 'X-Forwarded-User',
  groups_header: 'X-Forwarded-Groups',
  secret_header: 'X-Clair-Proxy-Secret',
  secret: new Secret(SECRET),
});
const HEADERS = {
  'x-forwarded-user': 'ana@example.com',
  'x-forwarded-groups': 'security, dev,',
  'x-clair-proxy-secret': SECRET,
};

describe('a proxy that signs users in', () => {
  const cases: [
    what: string,
    address: string,
    headers: Record<string, string | string[]>,
    user: string | undefined,
  ][] = [
    ['from its network', '10.1.2.3', {}, 'ana@example.com'],
    ['from its address', '192.0.2.7', {}, 'ana@example.com'],
    ['IPv4 in IPv6', '::ffff:10.1.2.3', {}, 'ana@example.com'],
    ['IPv6', '2001:db8::1', {}, 'ana@example.com'],
    ['from elsewhere', '11.1.2.3', {}, undefined],
    ['from a neighbour', '192.0.2.8', {}, undefined],
    ['from no address', '', {}, undefined],
    ['without the secret', '10.1.2.3', { 'x-clair-proxy-secret': '' }, undefined],
    ['with another secret', '10.1.2.3', { 'x-clair-proxy-secret': `${SECRET}x` }, undefined],
    ['without a user', '10.1.2.3', { 'x-forwarded-user': ' ' }, undefined],
    ['with two users', '10.1.2.3', { 'x-forwarded-user': ['ana', 'eve'] }, undefined],
    ['with a line feed in the user', '10.1.2.3', { 'x-forwarded-user': 'a\nb' }, undefined],
    ['with a user too long', '10.1.2.3', { 'x-forwarded-user': 'a'.repeat(201) }, undefined],
  ];
  for (const [what, address, headers, user] of cases)
    it(what, () => assert.equal(read({ headers: { ...HEADERS, ...headers }, address })?.user, user));

  it('tells groups', () =>
    assert.deepEqual(read({ headers: HEADERS, address: '10.1.2.3' })?.groups, ['security', 'dev']));

  it('believes nobody outside of its networks, whatever is sent', () =>
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        const isTrusted = address.startsWith('10.') || address === '192.0.2.7';
        assert.equal(read({ headers: HEADERS, address }) !== undefined, isTrusted);
      }),
    ));
});

describe('networks', () => {
  const cases: [string, boolean][] = [
    ['10.0.0.0/8', true],
    ['10.0.0.1', true],
    ['2001:db8::/32', true],
    ['10.0.0.0/33', false],
    ['10.0.0/8', false],
    ['10.0.0.0/8/8', false],
    ['proxy.example.com', false],
    ['', false],
  ];
  for (const [text, want] of cases) it(`${text}: ${want}`, () => assert.equal(isNetwork(text), want));
});
