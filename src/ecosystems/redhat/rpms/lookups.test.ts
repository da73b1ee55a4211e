import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NO_DISTRIBUTION } from '../../../model/package.ts';
import { rhelRelease } from '../../rpm/scopes/releases.ts';
import { lookups } from './lookups.ts';

const BASEOS = 'cpe:2.3:o:redhat:enterprise_linux:9:*:baseos:*:*:*:*:*';
const repository = { name: BASEOS, key: 'rhel-cpe-repository', cpe: BASEOS };
const installed = {
  name: 'openssl-libs',
  version: '1:3.0.7-20.el9',
  kind: 'binary',
  arch: 'x86_64',
  source: { name: 'openssl', version: '1:3.0.7-20.el9' },
} as const;

describe('lookups of rpms of Red Hat', () => {
  it('are in the scope of the repository, by name and source', () => {
    const shared = { scope: `rhel-cpe:${BASEOS}`, version: '1:3.0.7-20.el9' };
    assert.deepEqual(lookups({ package: installed, distribution: rhelRelease('9'), repository }), [
      { ...shared, kind: 'binary', name: 'openssl-libs', arch: 'x86_64' },
      { ...shared, kind: 'source', name: 'openssl' },
    ]);
  });

  it('have the module of the package, its source as well', () => {
    const found = lookups({ package: { ...installed, module: 'ssl:3' }, repository });
    assert.deepEqual(
      found.map(({ module }) => module),
      ['ssl:3', 'ssl:3'],
    );
  });

  it('are of the release alone where no repository is known: nothing covers that', () => {
    const found = lookups({ package: installed, distribution: rhelRelease('9') });
    assert.deepEqual(
      found.map(({ scope }) => scope),
      ['rhel:9'],
    );
  });

  it('are those of another distribution as well, if it has packages of Red Hat', () => {
    const distribution = { ...NO_DISTRIBUTION, did: 'almalinux', versionId: '9.4' };
    const scopes = lookups({ package: installed, distribution, repository }).map(({ scope }) => scope);
    assert.deepEqual([...new Set(scopes)], [`rhel-cpe:${BASEOS}`, 'almalinux:9']);
  });
});
