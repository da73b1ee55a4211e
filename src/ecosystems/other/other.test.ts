import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Detection, LayerView } from '../../contract/detector.ts';
import { layerFile } from '../../contract/layer-file.fixture.ts';
import { other } from './index.ts';

function detect(files: Readonly<Record<string, string>>): Detection[] {
  const file: LayerView['file'] = (path) => {
    const text = files[path];
    return text === undefined ? undefined : layerFile(path, text);
  };
  const view: LayerView = { files: [], file, names: () => [], has: (path) => files[path] !== undefined };
  return [...(other([]).detectors[0]?.read?.(view) ?? [])];
}

describe('distributions that nobody reads', () => {
  it('are named by os-release', () => {
    const [found] = detect({ 'etc/os-release': 'ID=arch\nNAME="Arch Linux"\nPRETTY_NAME="Arch Linux"\n' });
    assert.partialDeepStrictEqual(found, {
      found: 'distribution',
      distribution: { did: 'arch', name: 'Arch Linux', versionId: '', prettyName: 'Arch Linux' },
    });
  });

  it('have the defaults of os-release(5), and the vendor file stands in', () => {
    const [found] = detect({ 'usr/lib/os-release': '' });
    assert.partialDeepStrictEqual(found, {
      distribution: { did: 'linux', name: 'Linux', prettyName: 'Linux' },
    });
    assert.deepEqual(detect({}), []);
  });
});
