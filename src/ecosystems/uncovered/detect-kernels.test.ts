import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LayerView } from '../../contract/detector.ts';
import { layerFile } from '../../contract/layer-file.fixture.ts';
import { readFiles } from '../read-files.fixture.ts';
import { kernels } from './detect-kernels.ts';
import { workflows } from './detect-workflows.ts';

/** A kernel for x86 that says to be of that release. */
function bootable(release: string): Buffer {
  const bytes = Buffer.alloc(0x1000);
  bytes.write('HdrS', 0x202);
  bytes.writeUInt16LE(0x600, 0x20e);
  bytes.write(`${release} (lab@lab) #1 SMP\0`, 0x800);
  return bytes;
}

/** What is found in a layer of these files. */
function found(files: Readonly<Record<string, Buffer | string>>): string[] {
  const paths = Object.keys(files);
  const names: LayerView['names'] = (path) => [
    ...new Set(
      paths
        .filter((each) => each.startsWith(`${path}/`))
        .map((each) => each.slice(path.length + 1).split('/')[0]!),
    ),
  ];
  const wanted = paths.filter((path) => kernels.wants!({ path, type: 'file', size: 1, mode: 0o644 }));
  const view: LayerView = {
    files: wanted.map((path) => layerFile(path, files[path]!)),
    file: () => undefined,
    names,
    has: (path, type) => (type === 'directory' ? names(path).length > 0 : paths.includes(path)),
  };
  return [...kernels.read!(view)].map((each) =>
    each.found === 'package'
      ? `${each.package.name} ${each.package.version} ${each.package.path}`
      : each.found === 'problem'
        ? `! ${each.kind} ${each.where}`
        : each.found,
  );
}

describe('kernels of Linux', () => {
  const cases: [files: Readonly<Record<string, Buffer | string>>, want: string[]][] = [
    [
      { 'boot/vmlinuz-6.1.0-18-amd64': bootable('6.1.0-18-amd64') },
      ['linux 6.1.0-18-amd64 boot/vmlinuz-6.1.0-18-amd64'],
    ],
    [{ 'usr/lib/modules/6.8.0/vmlinuz': 'MZ' }, ['linux 6.8.0 usr/lib/modules/6.8.0/vmlinuz']],
    [{ 'boot/vmlinuz': bootable('5.10.0') }, ['linux 5.10.0 boot/vmlinuz']],
    [{ 'boot/vmlinux-5.4.1.gz': 'x' }, ['linux 5.4.1 boot/vmlinux-5.4.1.gz']],
    [{ 'boot/kernel': 'x' }, ['! unchecked-program boot/kernel']],
    [{ 'boot/grub/kernel.img': 'x', 'srv/kernel': 'x' }, []],
    [
      {
        'lib/modules/6.1.0/kernel/drivers/a.ko.xz': 'x',
        'lib/modules/6.1.0/kernel/fs/b.ko': 'x',
        'lib/modules/6.1.0/updates/dkms/c.ko.zst': 'x',
        'lib/modules/6.1.0/modules.dep': 'x',
        'lib/modules/README/d.ko': 'x',
      },
      [
        'linux-modules-kernel 6.1.0 lib/modules/6.1.0/kernel/drivers/a.ko.xz',
        'linux-modules-updates 6.1.0 lib/modules/6.1.0/updates/dkms/c.ko.zst',
      ],
    ],
    [{ 'usr/lib/modules/6.1.0/lab.ko': 'x' }, ['linux-modules-lab 6.1.0 usr/lib/modules/6.1.0/lab.ko']],
  ];
  for (const [files, want] of cases) it(Object.keys(files)[0]!, () => assert.deepEqual(found(files), want));
});

describe('workflows of GitHub', () => {
  const uses =
    'jobs:\n  a:\n    steps:\n      - uses: actions/checkout@v4\n      - uses: "lab/lab/sub@0123abc" # v1\n      - uses: ./own\n      - uses: docker://alpine:3\n';
  it('are noted with the number of their actions', () =>
    assert.deepEqual(
      readFiles(workflows, {
        '.github/workflows/ci.yml': uses,
        '.github/workflows/none.yml': 'on: push\n',
      }).map((each) => each.found === 'problem' && [each.kind, each.where, each.reason]),
      [['note', '.github/workflows/ci.yml', 'a workflow with 2 actions: they are not checked']],
    ));
});
