/** The ledger of images: every file that can run has one account, whatever the layers do with it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { inlineInfo } from '../src/ecosystems/go/build-info.fixture.ts';
import { ecosystems } from '../src/ecosystems/index.ts';
import { makeZip } from '../src/formats/archives/zip.fixture.ts';
import { elf, pe } from '../src/formats/programs/programs.fixture.ts';
import { createLayerBudget, DEFAULT_LIMITS } from '../src/image/layer/layer-limits.ts';
import type { LayerScan } from '../src/image/layer/layer-scan.ts';
import { walkDirectory } from '../src/image/layer/walk-directory.ts';
import type { TarFile } from '../src/image/tar/writer.fixture.ts';
import { mergeLayers } from '../src/indexer/merge-layers.ts';
import { settleFiles } from '../src/indexer/settle-files.ts';
import type { Digest } from '../src/model/digest.ts';
import type { Ledger } from '../src/model/ledger.ts';
import { detectors, scanFiles } from './ecosystems.fixture.ts';

const file = (name: string, content: string | Buffer = '', mode = 0o644): TarFile => ({
  name,
  content,
  mode,
});
const program = (name: string, data = 'data'): TarFile =>
  file(
    name,
    elf(() => Buffer.from(data), { section: '.symtab' }),
    0o755,
  );
const script = (name: string): TarFile => file(name, '#!/bin/sh\n', 0o755);
const gone = (name: string): TarFile => file(name);

function ledgerOf(scans: readonly LayerScan[]): Ledger {
  const { ledger } = mergeLayers(ecosystems, settleFiles(scans, detectors));
  assert.ok(ledger);
  return ledger;
}

async function ledgerOfLayers(...layers: (readonly TarFile[])[]): Promise<Ledger> {
  const scans: LayerScan[] = [];
  for (const layer of layers) scans.push(await scanFiles(layer));
  return ledgerOf(scans);
}

/** The accounts that have any files, and how many; the paths of what is unaccounted, with their marks. */
async function told(...layers: (readonly TarFile[])[]): Promise<string> {
  const { accounts, unaccounted } = await ledgerOfLayers(...layers);
  return [
    ...Object.entries(accounts).flatMap(([name, { files }]) => (files > 0 ? [`${name} ${files}`] : [])),
    ...unaccounted.map(({ path, marks }) => [path, ...marks].join(' ')).sort(),
  ].join(', ');
}

const status = (name: string, maintainer: string): string =>
  `Package: ${name}\nStatus: install ok installed\nVersion: 1.0-1\nArchitecture: all\nMaintainer: ${maintainer}\n`;
const dpkg = (name: string, maintainer: string, ...paths: string[]): TarFile[] => [
  file('var/lib/dpkg/status', status(name, maintainer)),
  file(`var/lib/dpkg/info/${name}.list`, `/.\n${paths.map((path) => `/${path}\n`).join('')}`),
];
const DEBIAN = 'Debian <a@lists.debian.org>';
const METADATA = 'Metadata-Version: 2.1\nName: lab\nVersion: 1.0\n\n';
const SITE = 'usr/lib/python3/site-packages';
const manifest = (name: string): string => JSON.stringify({ name, version: '1.0.0' });
const JAR = makeZip({
  members: [{ name: 'META-INF/maven/g/a/pom.properties', content: 'groupId=g\nartifactId=a\nversion=1.0\n' }],
});
const COMPOSER = {
  packages: [{ name: 'lab/tool', version: '1.0.0', 'install-path': '../lab/tool', bin: ['bin/tool'] }],
};
const DEPS = {
  runtimeTarget: { name: '.NETCoreApp,Version=v8.0' },
  targets: {
    '.NETCoreApp,Version=v8.0': {
      'App/1.0.0': { runtime: { 'App.dll': {} } },
      'Lab/1.0.0': { runtime: { 'lib/net8.0/Lab.dll': {} } },
    },
  },
  libraries: { 'App/1.0.0': { type: 'project' }, 'Lab/1.0.0': { type: 'package' } },
};
const GEM =
  'Gem::Specification.new do |s|\n  s.name = "lab".freeze\n  s.version = "1.0"\n  s.executables = ["lab".freeze]\nend\n';

describe('accounts of files that can run', () => {
  const cases: [what: string, files: TarFile[], want: string][] = [
    ['a file of the distribution', [...dpkg('a', DEBIAN, 'usr/bin/a'), program('usr/bin/a')], 'os_package 1'],
    [
      'a file of a package that somebody else made',
      [...dpkg('a', 'Me <me@example.com>', 'usr/bin/a'), program('usr/bin/a')],
      'os_package 1',
    ],
    [
      'what a package of the system does not list',
      [...dpkg('a', DEBIAN, 'usr/bin/a'), program('usr/bin/a'), program('usr/bin/b')],
      'os_package 1, unaccounted 1, usr/bin/b',
    ],
    [
      'a file and its second name, which the package lists too',
      [
        ...dpkg('a', DEBIAN, 'usr/bin/a', 'usr/bin/b'),
        program('usr/bin/a'),
        { name: 'usr/bin/b', flag: '1', link: 'usr/bin/a' },
      ],
      'os_package 2',
    ],
    [
      "apk's",
      [file('lib/apk/db/installed', 'P:a\nV:1\nA:x86_64\nF:bin\nR:a\n\n'), program('bin/a'), script('bin/b')],
      'os_package 1, unaccounted 1, bin/b',
    ],
    ['a jar', [file('opt/a.jar', JAR)], 'language_package 1'],
    [
      'a jar that says nothing',
      [file('opt/a.jar', makeZip({ members: [{ name: 'a', content: 'a' }] }))],
      'unaccounted 1, opt/a.jar',
    ],
    [
      'a program of Go',
      [
        file(
          'usr/bin/a',
          elf(() => inlineInfo({ version: 'go1.22.0', modules: 'path\tx\n' })),
          0o755,
        ),
      ],
      'language_package 1',
    ],
    [
      'a program of Go without its record',
      [
        file(
          'usr/bin/a',
          elf(() => Buffer.from('x'), { section: '.gopclntab' }),
          0o755,
        ),
      ],
      'unaccounted 1, usr/bin/a go stripped',
    ],
    [
      'what a wheel recorded, and what is only beside it',
      [
        file(`${SITE}/lab-1.0.dist-info/METADATA`, METADATA),
        file(`${SITE}/lab-1.0.dist-info/RECORD`, 'lab/a.so,sha256=x,1\n../../../bin/lab,,\n"lab/b,c.so",,\n'),
        program(`${SITE}/lab/a.so`),
        program(`${SITE}/lab/b,c.so`),
        program(`${SITE}/lab/other.so`),
        script('usr/bin/lab'),
      ],
      `language_package 3, unaccounted 1, ${SITE}/lab/other.so`,
    ],
    [
      'a wheel whose metadata were removed',
      [file(`${SITE}/lab-1.0.dist-info/RECORD`, 'lab/a.so,,\n'), program(`${SITE}/lab/a.so`)],
      'language_package 1',
    ],
    [
      'a record of nothing that is installed',
      [file(`${SITE}/lab-new.dist-info/RECORD`, 'lab/a.so,,\n'), program(`${SITE}/lab/a.so`)],
      `unaccounted 1, ${SITE}/lab/a.so`,
    ],
    [
      'a package of npm, and what lies in node_modules without being one',
      [
        file('srv/node_modules/@x/lab/package.json', manifest('@x/lab')),
        script('srv/node_modules/@x/lab/bin/cli.js'),
        program('srv/node_modules/@x/lab/node_modules/none/a.node'),
        program('srv/node_modules/alone'),
      ],
      'language_package 1, unaccounted 2, srv/node_modules/@x/lab/node_modules/none/a.node, srv/node_modules/alone',
    ],
    [
      'a gem, what was compiled for it, and its script',
      [
        file('usr/lib/ruby/gems/3.3.0/specifications/lab-1.0.gemspec', GEM),
        script('usr/lib/ruby/gems/3.3.0/gems/lab-1.0/exe/lab'),
        program('usr/lib/ruby/gems/3.3.0/extensions/x86_64-linux/3.3.0/lab-1.0/lab.so'),
        script('usr/bin/lab'),
        script('usr/bin/other'),
      ],
      'language_package 3, unaccounted 1, usr/bin/other',
    ],
    [
      'what Composer installed',
      [
        file('app/vendor/composer/installed.json', JSON.stringify(COMPOSER)),
        script('app/vendor/lab/tool/bin/tool'),
        script('app/vendor/bin/tool'),
        script('app/vendor/bin/other'),
      ],
      'language_package 2, unaccounted 1, app/vendor/bin/other',
    ],
    [
      'an application of .NET',
      [
        file('app/App.deps.json', JSON.stringify(DEPS)),
        file(
          'app/App',
          elf(() => Buffer.from('x'), { section: '.symtab' }),
          0o755,
        ),
        file(
          'app/App.dll',
          pe(() => Buffer.from('x')),
        ),
        file(
          'app/Lab.dll',
          pe(() => Buffer.from('x')),
        ),
        file(
          'app/Other.dll',
          pe(() => Buffer.from('x')),
        ),
      ],
      'language_package 3, unaccounted 1, app/Other.dll',
    ],
    [
      'what Chisel cut',
      [
        file(
          'var/lib/chisel/manifest.wall',
          zstdCompressSync(
            [
              { jsonwall: '1.0', schema: '1.0' },
              { kind: 'package', name: 'lab', version: '1', arch: 'amd64' },
              { kind: 'path', path: '/bin/lab', mode: '0755', slices: ['lab_bins'] },
            ]
              .map((record) => `${JSON.stringify(record)}\n`)
              .join(''),
          ),
        ),
        { name: 'bin', flag: '2', link: 'usr/bin' },
        program('usr/bin/lab'),
        program('usr/bin/other'),
      ],
      'os_package 1, unaccounted 1, usr/bin/other',
    ],
    [
      "a component of Bitnami's",
      [
        file(
          'opt/bitnami/lab/.spdx-lab.spdx',
          '{"spdxVersion":"SPDX-2.3","packages":[{"name":"lab","versionInfo":"1","externalRefs":[{"referenceLocator":"pkg:bitnami/lab@1"}]}]}',
        ),
        program('opt/bitnami/lab/bin/lab'),
        program('opt/bitnami/other/bin/lab'),
      ],
      'inventory 1, unaccounted 1, opt/bitnami/other/bin/lab',
    ],
    [
      'what conda installed',
      [
        file('opt/conda/conda-meta/lab-1-0.json', '{"name":"lab","version":"1","files":["bin/lab"]}'),
        program('opt/conda/bin/lab'),
        program('opt/conda/bin/other'),
      ],
      'inventory 1, unaccounted 1, opt/conda/bin/other',
    ],
    [
      'what Portage, opkg, vcpkg and MakeMaker installed',
      [
        file('var/db/pkg/a/lab-1/PF', 'lab-1'),
        file('var/db/pkg/a/lab-1/CONTENTS', 'dir /usr\nobj /usr/bin/a b 0a 1\n'),
        program('usr/bin/a b'),
        file('usr/lib/opkg/info/lab.control', 'Package: lab\nVersion: 1\n'),
        file('usr/lib/opkg/info/lab.list', '/usr/bin/c\n/usr/bin/d\t0755\n'),
        program('usr/bin/c'),
        program('usr/bin/d'),
        file('o/installed/vcpkg/status', 'Package: lab\nVersion: 1\nStatus: install ok installed\n'),
        file('o/installed/vcpkg/info/lab_1_x64.list', 'x64/\nx64/lib/lab.so\n'),
        program('o/installed/x64/lib/lab.so'),
        file('usr/local/lib/perl5/.meta/Lab-1/install.json', '{"name":"Lab","version":"1"}'),
        file('usr/local/lib/perl5/auto/Lab/.packlist', '/usr/local/bin/lab type=file\n'),
        program('usr/local/bin/lab'),
        program('usr/bin/e'),
      ],
      'inventory 5, unaccounted 1, usr/bin/e',
    ],
    [
      'what lies in folders of Homebrew, Nix and Spack',
      [
        file('o/Cellar/jq/1.7/INSTALL_RECEIPT.json', '{}'),
        program('o/Cellar/jq/1.7/bin/jq'),
        program(`nix/store/${'0'.repeat(32)}-jq-1.7-bin/bin/jq`),
        program(`nix/store/${'1'.repeat(32)}-nameless/bin/x`),
        file('s/jq-1.7-a/.spack/spec.json', '{"spec":{"nodes":[{"name":"jq","version":"1.7"}]}}'),
        program('s/jq-1.7-a/bin/jq'),
      ],
      `inventory 3, unaccounted 1, nix/store/${'1'.repeat(32)}-nameless/bin/x`,
    ],
    [
      'an application of Erlang',
      [
        file('opt/app/lib/lab-1.0/ebin/lab.app', '{application, lab, [{vsn, "1.0"}]}.'),
        program('opt/app/lib/lab-1.0/priv/lab.so'),
        program('opt/app/lib/other.so'),
      ],
      'language_package 1, unaccounted 1, opt/app/lib/other.so',
    ],
  ];
  for (const [what, files, want] of cases)
    it(`${what}: ${want}`, async () => assert.equal(await told(files), want));
});

describe('the ledger of several layers', () => {
  const base = [...dpkg('a', DEBIAN, 'usr/bin/a'), program('usr/bin/a')];
  const cases: [what: string, layers: TarFile[][], want: string][] = [
    [
      'a program that is added',
      [base, [program('usr/local/bin/new')]],
      'os_package 1, unaccounted 1, usr/local/bin/new',
    ],
    [
      'one that replaces that of a package',
      [base, [program('usr/bin/a', 'other')]],
      'unaccounted 1, usr/bin/a',
    ],
    ['one that is removed', [base, [gone('usr/bin/.wh.a')]], ''],
    ['one whose folder is removed', [base, [gone('usr/.wh.bin')]], ''],
    [
      'one whose folder is made new',
      [base, [gone('usr/bin/.wh..wh..opq'), script('usr/bin/b')]],
      'unaccounted 1, usr/bin/b',
    ],
    ['all of it removed', [base, [gone('.wh..wh..opq')]], ''],
    ['a text in place of it', [base, [file('usr/bin/a', 'text')]], ''],
    ['a folder in place of it', [base, [{ name: 'usr/bin/a/' }]], ''],
    ['a link in place of its folder', [base, [{ name: 'usr/bin', flag: '2', link: 'other' }]], ''],
    [
      'removed, and there again',
      [base, [gone('usr/bin/.wh.a')], [script('usr/bin/a')]],
      'unaccounted 1, usr/bin/a',
    ],
    ['the same layer twice', [base, base], 'os_package 1'],
    ['replaced within a layer', [[program('a'), file('a', 'text')]], ''],
  ];
  for (const [what, layers, want] of cases)
    it(`${what}: ${want || 'nothing'}`, async () => assert.equal(await told(...layers), want));

  it('lists the largest first, each with its layer', async () => {
    const { unaccounted } = await ledgerOfLayers(
      [program('a')],
      [program('b', 'x'.repeat(5000)), script('c')],
    );
    assert.deepEqual(
      unaccounted.map(({ path }) => path),
      ['b', 'a', 'c'],
    );
    assert.equal(unaccounted[0]?.layer, unaccounted[2]?.layer);
    assert.notEqual(unaccounted[0]?.layer, unaccounted[1]?.layer);
  });

  it('counts what a file system would have, whatever the layers do', async () => {
    const path = fc.constantFrom('a', 'b', 'd/a', 'd/b', 'd/e/a', 'd/e/b');
    const entry = fc.oneof(
      path.map(script),
      path.map((name) => file(name, 'text')),
      path.map((name) => gone(name.replace(/([^/]+)$/, '.wh.$1'))),
      fc.constantFrom('d/.wh..wh..opq', '.wh.d', 'd/.wh.e').map(gone),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(entry, { maxLength: 4 }), { maxLength: 4 }), async (layers) => {
        const there = new Set<string>();
        for (const layer of layers) {
          // OCI image-spec, layer.md: whiteouts hide what is below, never what is in their own layer.
          for (const { name } of layer) remove(there, String(name));
          for (const { name, content } of layer) {
            if (String(name).includes('.wh.')) continue;
            if (String(content).startsWith('#!')) there.add(String(name));
            else there.delete(String(name));
          }
        }
        const { accounts, unaccounted } = await ledgerOfLayers(...layers);
        assert.deepEqual(unaccounted.map((each) => each.path).sort(), [...there].sort());
        assert.equal(accounts.unaccounted.files, there.size);
      }),
      { numRuns: 60 },
    );
  });
});

function remove(there: Set<string>, whiteout: string): void {
  const [, folder = '', base] = /^(.*\/)?\.wh\.(.*)$/.exec(whiteout) ?? [];
  if (base === undefined) return;
  for (const path of there) {
    const isIn = base === '.wh..opq' ? path.startsWith(folder) : `${path}/`.startsWith(`${folder}${base}/`);
    if (isIn) there.delete(path);
  }
}

describe('the ledger and find', () => {
  const root = mkdtempSync(join(tmpdir(), 'clair-ledger-'));
  after(() => rmSync(root, { recursive: true }));
  const files = [
    ...dpkg('a', DEBIAN, 'usr/bin/a', 'usr/lib/a.so'),
    program('usr/bin/a'),
    file(
      'usr/lib/a.so',
      elf(() => Buffer.from('lib'), { type: 3 }),
    ),
    file(
      'usr/lib/a.o',
      elf(() => Buffer.from('object'), { type: 1 }),
    ),
    file(`${SITE}/lab-1.0.dist-info/METADATA`, METADATA),
    file(`${SITE}/lab-1.0.dist-info/RECORD`, 'lab/a.so,,\n'),
    program(`${SITE}/lab/a.so`, 'x'.repeat(3000)),
    file('opt/a.jar', JAR),
    file('opt/a.zip', JAR),
    script('opt/run'),
    file('opt/read', '#!/bin/sh\n'),
    file('opt/a.wasm', '\0asm\x01\0\0\0'),
    file(
      'opt/a.dll',
      pe(() => Buffer.from('x')),
    ),
    program('usr/local/bin/mine', 'x'.repeat(100_000)),
  ];
  for (const { name, content = '', mode } of files) {
    const path = join(root, String(name));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content, { mode: mode ?? 0o644 });
  }

  it('come to the same sums, of a layer and of a directory', async () => {
    // By other means: find, and what is at the beginning of each file as `od` shows it.
    const found = execFileSync(
      'sh',
      [
        '-c',
        `cd "$0" && find . -type f | while IFS= read -r f; do
           case "$(od -An -tx1 -N4 "$f" | tr -d ' ') $f" in
             7f454c46*) case "$(od -An -tu2 -j16 -N2 "$f" | tr -d ' ')" in 2|3) ;; *) continue;; esac;;
             4d5a*|0061736d*|504b0304*.jar) ;;
             2321*) [ -n "$(find "$f" -perm /111)" ] || continue;;
             *) continue;;
           esac
           stat -c '%s' "$f"
         done`,
        root,
      ],
      { encoding: 'utf8' },
    );
    const sizes = found.trim().split('\n').map(Number);
    const reference = { hash: `sha256:${'0'.repeat(64)}` as Digest, uri: `dir://${root}`, headers: {} };
    const walked = walkDirectory(reference, detectors, {
      budget: createLayerBudget(DEFAULT_LIMITS, () => false),
    });
    for (const ledger of [ledgerOf([walked]), await ledgerOfLayers(files)]) {
      const totals = Object.values(ledger.accounts);
      assert.equal(
        totals.reduce((sum, each) => sum + each.files, 0),
        sizes.length,
      );
      assert.equal(
        totals.reduce((sum, { bytes }) => sum + bytes, 0),
        sizes.reduce((sum, size) => sum + size, 0),
      );
      assert.deepEqual([ledger.accounts.os_package.files, ledger.accounts.language_package.files], [2, 2]);
      assert.deepEqual(ledger.unaccounted.map(({ path }) => path).sort(), [
        'opt/a.dll',
        'opt/a.wasm',
        'opt/run',
        'usr/local/bin/mine',
      ]);
    }
  });
});
