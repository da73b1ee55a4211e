import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FastifyRequest } from 'fastify';
import { type JWTPayload, SignJWT } from 'jose';
import { ROLES } from '../matcher/console/access.ts';
import { callersOf } from './console.ts';

const KEY = Buffer.from('secret');

describe('who uses the console with a token', () => {
  const callerOf = callersOf({ psk: { key: KEY, iss: ['clairctl'] } });
  const cases: [claims: JWTPayload, user: string, roles: readonly string[]][] = [
    [{}, 'token', ROLES],
    [{ sub: 'ana@example.com' }, 'ana@example.com', ROLES],
    [{ sub: 'ana', roles: ['view', 'triage'] }, 'ana', ['view', 'triage']],
    [{ roles: 'view' }, 'token', ['view']],
    [{ roles: ['view', 'admin'] }, 'token', ['view']],
    [{ roles: [] }, 'token', []],
    [{ roles: null }, 'token', []],
    [{ roles: { view: true } }, 'token', []],
    [{ sub: 'line\nbreak' }, 'token', ROLES],
    [{ sub: 'x'.repeat(201) }, 'token', ROLES],
  ];
  for (const [claims, user, roles] of cases)
    it(`is ${user.slice(0, 20)} with ${roles.join(', ') || 'no role'} by ${JSON.stringify(claims).slice(0, 60)}`, async () => {
      const token = await new SignJWT({ iss: 'clairctl', ...claims })
        .setProtectedHeader({ alg: 'HS256' })
        .sign(KEY);
      const request = { headers: { authorization: `Bearer ${token}` }, ip: '127.0.0.1' } as FastifyRequest;
      assert.deepEqual(callerOf(request), { user, roles, auth: 'token' });
    });
});
