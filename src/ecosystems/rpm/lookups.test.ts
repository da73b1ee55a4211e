import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Distribution, NO_DISTRIBUTION } from '../../model/package.ts';
import { lookups } from './lookups.ts';
import {
  amazonRelease,
  leapRelease,
  oracleRelease,
  photonRelease,
  rhelRelease,
  scopeKeyOf,
  slesRelease,
} from './scopes/releases.ts';

const other = (did: string, versionId: string): Distribution => ({ ...NO_DISTRIBUTION, did, versionId });
const rpm = { name: 'bash', version: '5.1-2.el9', kind: 'binary', arch: 'x86_64' } as const;

describe('lookups of rpms', () => {
  it('are in the scope of the release', () => {
    for (const [distribution, scope] of [
      [amazonRelease('2018.03'), 'amzn:2018.03'],
      [amazonRelease('2023'), 'amzn:2023'],
      [oracleRelease('9'), 'ol:9'],
      [photonRelease('5.0'), 'photon:5.0'],
      [slesRelease('15'), 'sles:15'],
      [leapRelease('15.6'), 'opensuse-leap:15.6'],
      [rhelRelease('8'), 'rhel:8'],
      [other('rocky', '9.3'), 'rocky:9'],
      [other('almalinux', '8.10'), 'almalinux:8'],
      [other('fedora', '41'), 'fedora:41'],
      [other('mariner', '2.0'), 'mariner:2.0'],
      [other('opensuse-tumbleweed', '20240101'), 'opensuse-tumbleweed'],
      [other('fedora', ''), undefined],
      [other('debian', '12'), undefined],
      [NO_DISTRIBUTION, undefined],
    ] as const) {
      assert.equal(scopeKeyOf(distribution), scope);
      assert.equal(lookups({ package: rpm, distribution }).length > 0, scope !== undefined);
    }
  });

  it('have all that advisories may name', () => {
    const distribution = rhelRelease('9');
    assert.deepEqual(lookups({ package: { ...rpm, module: 'nodejs:18' }, distribution }), [
      {
        scope: 'rhel:9',
        kind: 'binary',
        name: 'bash',
        version: '5.1-2.el9',
        arch: 'x86_64',
        module: 'nodejs:18',
      },
    ]);
  });

  it('are none for packages of other kinds', () => {
    const distribution = rhelRelease('9');
    assert.deepEqual(lookups({ package: rpm }), []);
    assert.deepEqual(lookups({ package: { ...rpm, kind: 'source' }, distribution }), []);
    assert.deepEqual(lookups({ package: rpm, distribution, repository: { name: 'pypi' } }), []);
  });
});
