import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Detection } from '../contract/detector.ts';
import type { Ecosystem } from '../contract/ecosystem.ts';
import { newestDatabase } from '../ecosystems/coalesce.ts';
import { ecosystems } from '../ecosystems/index.ts';
import type { LayerScan } from '../image/layer/layer-scan.ts';
import { PathDigests } from '../image/layer/path-digests.ts';
import type { Digest } from '../model/digest.ts';
import { NO_DISTRIBUTION } from '../model/package.ts';
import { detectorKey } from './indexer-state.ts';
import { mergeLayers } from './merge-layers.ts';

const other = ecosystems.find(({ id }) => id === 'other')!;

const toy: Ecosystem = {
  ...other,
  id: 'toy',
  fallback: false,
  detectors: [{ id: 'toy', revision: '1', kind: 'distribution' }],
  coalesce: newestDatabase,
};

function layer(...found: readonly (Detection & { detector: string })[]): LayerScan {
  return {
    layer: `sha256:${'0'.repeat(64)}` as Digest,
    whiteouts: [],
    problems: [],
    paths: '',
    runnable: [],
    owned: [],
    found,
  };
}

function distribution(did: string, detector: string): Detection & { detector: string } {
  return { found: 'distribution', distribution: { ...NO_DISTRIBUTION, did }, detector };
}

/** Whatever its revision is. */
const OS_RELEASE = detectorKey(other.detectors.find(({ id }) => id === 'os-release')!);

describe('mergeLayers', () => {
  const didsOf = (...layers: LayerScan[]) =>
    mergeLayers([toy, other], layers).distributions.map(({ did }) => did);

  it('takes the distribution that an ecosystem knows', () => {
    assert.deepEqual(
      didsOf(layer(distribution('toy', 'toy:1:distribution'), distribution('toy', OS_RELEASE))),
      ['toy'],
    );
  });
  it('falls back to what os-release says', () => {
    assert.deepEqual(didsOf(layer(distribution('arch', OS_RELEASE))), ['arch']);
  });
  describe('of what was not read', () => {
    const at = (where: string) => ({
      found: 'problem' as const,
      where,
      reason: 'broken',
      detector: 'toy:1:distribution',
    });
    const paths = (...entries: [folder: string, base: string, isDirectory?: boolean][]): string => {
      const digests = new PathDigests();
      for (const [folder, base, isDirectory = false] of entries) digests.add(folder, base, isDirectory);
      return digests.toText();
    };
    const lower = (where: string): LayerScan => ({
      ...layer(at(where)),
      paths: paths(['', 'a', true], ['a', 'x.jar'], ['a', 'x.jar:2']),
    });
    const cases: [what: string, where: string, upper: Partial<LayerScan>, stays: boolean][] = [
      ['nothing above', 'a/x.jar', {}, true],
      ['removed', 'a/x.jar', { whiteouts: ['a/x.jar'] }, false],
      ['its folder removed', 'a/x.jar', { whiteouts: ['a'] }, false],
      ['replaced', 'a/x.jar', { paths: paths(['a', 'x.jar']) }, false],
      ['its folder replaced by a file', 'a/x.jar', { paths: paths(['', 'a']) }, false],
      ['its folder written again', 'a/x.jar', { paths: paths(['', 'a', true]) }, true],
      ['a member of a file that is replaced', 'a/x.jar:m/y', { paths: paths(['a', 'x.jar']) }, false],
      ['a file with a colon, another one replaced', 'a/x.jar:2', { paths: paths(['a', 'x.jar']) }, true],
      ['of no file', 'labels', { whiteouts: ['/'] }, true],
    ];
    for (const [what, where, upper, stays] of cases)
      it(`${what}: ${stays ? 'stays' : 'gone'}`, () =>
        assert.equal(
          mergeLayers([toy], [lower(where), { ...layer(), ...upper }]).problems.length,
          stays ? 1 : 0,
        ));
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
