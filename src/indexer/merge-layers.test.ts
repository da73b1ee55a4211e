import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Found } from '../contract/detector.ts';
import type { Ecosystem } from '../contract/ecosystem.ts';
import { newestDatabase } from '../ecosystems/coalesce.ts';
import { other } from '../ecosystems/other/index.ts';
import type { LayerScan } from '../image/layer/layer-scan.ts';
import type { Digest } from '../model/digest.ts';
import { NO_DISTRIBUTION } from '../model/package.ts';
import { mergeLayers } from './merge-layers.ts';

const toy: Ecosystem = {
  ...other,
  id: 'toy',
  fallback: false,
  detectors: [{ id: 'toy', revision: '1', kind: 'distribution' }],
  coalesce: newestDatabase,
};

function layer(...found: readonly (Found & { detector: string })[]): LayerScan {
  return {
    layer: `sha256:${'0'.repeat(64)}` as Digest,
    whiteouts: [],
    problems: [],
    paths: '',
    owned: [],
    found,
  };
}

function distribution(did: string, detector: string): Found & { detector: string } {
  return { found: 'distribution', distribution: { ...NO_DISTRIBUTION, did }, detector };
}

describe('mergeLayers', () => {
  const didsOf = (...layers: LayerScan[]) =>
    mergeLayers([toy, other], layers).distributions.map(({ did }) => did);

  it('takes the distribution that an ecosystem knows', () => {
    assert.deepEqual(
      didsOf(
        layer(distribution('toy', 'toy:1:distribution'), distribution('toy', 'os-release:2:distribution')),
      ),
      ['toy'],
    );
  });
  it('falls back to what os-release says', () => {
    assert.deepEqual(didsOf(layer(distribution('arch', 'os-release:2:distribution'))), ['arch']);
  });
  it('tells problems of layers and of detectors, each once', () => {
    const problem = {
      found: 'problem' as const,
      where: 'a',
      reason: 'broken',
      detector: 'toy:1:distribution',
    };
    const layers = [layer(problem), { ...layer(problem), problems: [{ where: 'b', reason: 'too long' }] }];
    assert.deepEqual(mergeLayers([toy], layers).problems, [
      { source: 'toy', where: 'a', reason: 'broken' },
      { source: 'layer', where: 'b', reason: 'too long' },
    ]);
  });
});
