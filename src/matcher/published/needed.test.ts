import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { debianRelease } from '../../ecosystems/deb/releases.ts';
import { ecosystems } from '../../ecosystems/index.ts';
import { indexReport } from '../matcher.fixture.ts';
import { headsOfReport, isNeeded, setsWithout } from './needed.ts';

const LAYERS = {
  debian: ['debian:'],
  ubuntu: ['ubuntu:'],
  'osv/pypi': ['pypi'],
  'osv/npm': ['npm'],
  'clair.cvss': [],
};

describe('layers that an image needs', () => {
  const debian = indexReport([{ name: 'alpha', version: '1.0-1' }], debianRelease('12', 'bookworm'));
  const pypi = { name: 'pypi', uri: 'https://pypi.org/simple' };
  const image = {
    ...debian,
    repositories: [pypi],
    packages: [
      ...debian.packages,
      {
        package: { name: 'flask', version: '1.0', kind: 'binary' as const },
        environments: [
          { ...debian.packages[0]!.environments[0]!, repositories: [pypi], distribution: undefined as never },
        ],
      },
    ],
  };
  const heads = headsOfReport(image, ecosystems);
  const layers = Object.entries(LAYERS).map(([name, scopes]) => ({ name, scopes }));

  it('are those of its distribution and its languages, and facts about CVEs', () => {
    const needed = layers.filter((layer) => isNeeded(layer, heads)).map(({ name }) => name);
    assert.deepEqual(needed, ['debian', 'osv/pypi', 'clair.cvss']);
  });

  it('leave to upstream what is not published', () => {
    assert.deepEqual(setsWithout(layers, heads, ecosystems), []);
    const few = layers.filter(({ name }) => name !== 'osv/pypi');
    assert.deepEqual(setsWithout(few, heads, ecosystems), ['osv']);
    assert.ok(setsWithout([], heads, ecosystems).includes('debian'));
  });
});
