/** The ledger of images: every file that can run has one account. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { zstdCompressSync } from 'node:zlib';
import { inlineInfo } from '../src/ecosystems/go/build-info.fixture.ts';
import { makeZip } from '../src/formats/archives/zip.fixture.ts';
import { elf, pe } from '../src/formats/programs/programs.fixture.ts';
import type { TarFile } from '../src/image/tar/writer.fixture.ts';
import {
  COMPOSER,
  DEBIAN,
  DEPS,
  dpkg,
  file,
  GEM,
  JAR,
  METADATA,
  manifest,
  program,
  SITE,
  script,
  told,
} from './ledger.fixture.ts';

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
