import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Detection, Detector } from '../contract/detector.ts';
import type { LayerScan } from '../image/layer/layer-scan.ts';
import type { Digest } from '../model/digest.ts';
import { settleFiles } from './settle-files.ts';

const node: Detector = { id: 'node', revision: '1', kind: 'package' };
const dpkg: Detector = { id: 'dpkg', revision: '1', kind: 'package', owns: () => [] };

function problem(where: string, detector: string): Detection & { readonly detector: string } {
  return { found: 'problem', where, reason: 'broken', detector: `${detector}:1:package` };
}

function settled(owned: readonly string[], ...found: (Detection & { readonly detector: string })[]) {
  const layer: LayerScan = {
    layer: `sha256:${'0'.repeat(64)}` as Digest,
    whiteouts: [],
    problems: [],
    paths: '',
    runnable: [],
    owned,
    found,
  };
  return settleFiles([layer], [node, dpkg])[0]!.found.length;
}

describe('what cannot be read', () => {
  const path = 'usr/share/nodejs/a/package.json';
  const cases: [what: string, owned: readonly string[], detector: string, stays: boolean][] = [
    ["what cannot be read of the distribution's own files", [path], 'node', false],
    ['of other files', ['usr/bin/a'], 'node', true],
    ["of the distribution's database itself", [path], 'dpkg', true],
  ];
  for (const [what, owned, detector, stays] of cases)
    it(`${what} ${stays ? 'stays' : 'is gone'}`, () =>
      assert.equal(settled(owned, problem(path, detector)), stays ? 1 : 0));
});
