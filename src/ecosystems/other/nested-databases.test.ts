import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { layerFile } from '../../contract/layer-file.fixture.ts';
import { inventoriesOf } from './inventories.ts';

const inventories = inventoriesOf([]);

const DPKG = 'srv/guest/var/lib/dpkg/status';
const RPM = 'srv/guest/var/lib/rpm/rpmdb.sqlite';
const APK = 'srv/guest/lib/apk/db/installed';
const INFO = { 'srv/guest/var/lib/dpkg/info/a.list': '' };

/** What is told of a layer of these files: kinds and places. */
function told(contents: Readonly<Record<string, string>>): string[] {
  const paths = Object.keys(contents);
  const files = paths.map((path) => layerFile(path, contents[path]!));
  const found = inventories.read!({
    files: files.filter(({ path, size }) => inventories.wants!({ path, size, type: 'file', mode: 0o644 })),
    file: () => undefined,
    has: (path) => paths.some((each) => each === path || each.startsWith(`${path}/`)),
    names: () => [],
  });
  return [...found].map((each) =>
    each.found === 'problem' ? `${each.kind ?? 'unread'} ${each.where}` : each.found,
  );
}

describe('databases of root file systems within an image', () => {
  const cases: [what: string, files: Readonly<Record<string, string>>, want: readonly string[]][] = [
    ['of apk are not read', { [APK]: 'P:a\n' }, [`unread-inventory ${APK}`]],
    [
      'nor where lib is a link',
      { 'r/usr/lib/apk/db/installed': 'P:a\n' },
      ['unread-inventory r/usr/lib/apk/db/installed'],
    ],
    ['of dpkg are not without its files', { [DPKG]: 'Package: a\n' }, [`unread-inventory ${DPKG}`]],
    ['of dpkg count as the own of the image', { [DPKG]: 'Package: a\n', ...INFO }, []],
    [
      'of dpkg are told where a distribution is named',
      { [DPKG]: 'Package: a\n', ...INFO, 'srv/guest/etc/os-release': 'ID=debian\n' },
      ['unread srv/guest/etc/os-release'],
    ],
    ['of rpm count as the own of the image', { [RPM]: 'x' }, []],
    [
      'of rpm are told where a distribution is named',
      { [RPM]: 'x', 'srv/guest/usr/lib/os-release': 'ID=fedora\n' },
      ['unread srv/guest/usr/lib/os-release'],
    ],
    ['that are empty say nothing', { [APK]: '' }, []],
    [
      'are not the own of the image',
      {
        'var/lib/dpkg/status': 'x',
        'usr/lib/apk/db/installed': 'x',
        'lib/apk/db/installed': 'x',
        'var/lib/rpm/Packages': 'x',
      },
      [],
    ],
  ];
  for (const [what, files, want] of cases) it(what, () => assert.deepEqual(told(files), want));
});
