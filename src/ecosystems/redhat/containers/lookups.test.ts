import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lookups } from './lookups.ts';

const QUAY = 'cpe:2.3:a:redhat:quay:3:*:el8:*:*:*:*:*';
const repository = { name: QUAY, key: 'rhcc-container-repository', cpe: QUAY };
const container = {
  name: 'quay/quay-rhel8',
  version: 'v3.5.6-4',
  kind: 'binary',
  arch: 'x86_64',
  source: { name: 'quay-registry-container', version: 'v3.5.6-4' },
} as const;

describe('lookups of containers', () => {
  it('are in the scope of the product, by name, ancestry and source', () => {
    const found = lookups({ package: container, repository });
    assert.deepEqual(
      found.map(({ scope, name, kind, version, arch }) => [scope, name, kind, version, arch]),
      [
        [`rhcc-cpe:${QUAY}`, 'quay/quay-rhel8', 'binary', 'v3.5.6-4', 'x86_64'],
        [`rhcc-cpe:${QUAY}`, 'quay/quay-rhel8', 'ancestry', 'v3.5.6-4', 'x86_64'],
        [`rhcc-cpe:${QUAY}`, 'quay-registry-container', 'source', 'v3.5.6-4', 'x86_64'],
      ],
    );
  });

  it('are in every product of the catalog', () => {
    const catalog = { name: 'Red Hat Container Catalog', key: 'rhcc-container-repository' };
    assert.ok(
      lookups({ package: container, repository: catalog }).every(({ scope }) => scope === 'rhcc-cpe:*'),
    );
  });

  it('are of a layer only below another container, and none of other packages', () => {
    const below = { ...container, normalizedVersion: 'unmatchable:3.5.0.0.0.0.0.0.0.0' };
    assert.deepEqual(
      lookups({ package: below, repository }).map(({ kind }) => kind),
      ['layer'],
    );
    assert.deepEqual(lookups({ package: container }), []);
    assert.deepEqual(lookups({ package: container, repository: { name: 'pypi' } }), []);
  });
});
