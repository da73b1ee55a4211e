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

  const older: [path: string, text: string, want: string][] = [
    ['etc/redhat-release', 'CentOS release 6.10 (Final)\n', 'CentOS release 6.10 (Final)'],
    ['etc/slackware-version', 'Slackware 15.0\n', 'Slackware 15.0'],
    ['etc/debian_version', '7.11\n', 'Debian 7.11'],
    ['etc/alpine-release', '3.19.1\n', 'Alpine Linux 3.19.1'],
    ['etc/arch-release', '', 'Arch Linux'],
    ['etc/gentoo-release', '', 'Linux'],
    ['etc/lsb-release', 'DISTRIB_ID=LinuxMint\nDISTRIB_DESCRIPTION="Linux Mint 17"\n', 'Linux Mint 17'],
    ['etc/openwrt_release', "DISTRIB_ID='OpenWrt'\n", 'OpenWrt'],
  ];
  it('is Windows, in an image and on a disk', () => {
    for (const folder of ['Files/', ''])
      assert.partialDeepStrictEqual(detect({ [`${folder}Windows/System32/drivers/etc/hosts`]: '# x\n' }), [
        { found: 'distribution', distribution: { did: 'windows', prettyName: 'Windows' } },
      ]);
  });

  for (const [path, text, want] of older)
    it(`are named by ${path} where there is no os-release`, () => {
      assert.partialDeepStrictEqual(detect({ [path]: text, 'etc/issue': 'x' }), [
        { found: 'distribution', distribution: { did: 'linux', prettyName: want } },
      ]);
      assert.equal(detect({ [path]: text, 'etc/os-release': 'ID=lab\n' }).length, 1);
    });
});
