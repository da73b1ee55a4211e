import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { layerFile } from '../../contract/layer-file.fixture.ts';
import { pearRecord } from '../../formats/pear/serialized.fixture.ts';
import { readFiles } from '../read-files.fixture.ts';
import { recordDetectors } from './detect-records.ts';

/** What whoever wants a file of this path finds in it. */
function found(path: string, text: string): string[] {
  return recordDetectors
    .filter(({ wants }) => wants!({ path, type: 'file', size: 1, mode: 0o644 }))
    .flatMap((detector) =>
      readFiles(detector, { [path]: text }).map((each) =>
        each.found === 'package'
          ? `${detector.id} ${each.package.name} ${each.package.version}`
          : `${detector.id} ! ${each.found}`,
      ),
    );
}

describe('packages which no feed covers', () => {
  const cases: [path: string, text: string, want: string[]][] = [
    [
      'opt/conda/conda-meta/openssl-3.0.7-h0.json',
      '{"name":"openssl","version":"3.0.7"}',
      ['conda openssl 3.0.7'],
    ],
    ['opt/conda/conda-meta/x.json', '{"cut', ['conda ! problem']],
    ['opt/conda/conda-meta/history', '{}', []],
    [
      'usr/local/lib/perl5/.meta/Lab-1.0/install.json',
      '{"dist":"Lab-1.0","name":"Lab","version":1.0}',
      ['cpan Lab 1'],
    ],
    [
      'usr/local/lib/perl5/5.36/x86_64-linux/perllocal.pod',
      '=head2 Mon Jan 1 2024: C<Module> L<Lab::A|Lab::A>\n\n=over 4\n\n=item *\n\nC<VERSION: 1.0>\n\n=back\n\n=head2 Tue: C<Module> L<Lab::A|Lab::A>\n\nC<VERSION: 1.1>\n\n=head2 Tue: C<Module> L<Lab::B|Lab::B>\n\nC<VERSION: 2>\n',
      ['cpan Lab::A 1.1', 'cpan Lab::B 2'],
    ],
    [
      'opt/spack/linux/gcc/zlib-1.3-abc/.spack/spec.json',
      '{"spec":{"nodes":[{"name":"zlib","version":"1.3"},{"name":"gmake","version":"4.4"}]}}',
      ['spack zlib 1.3'],
    ],
    [
      `var/lib/flatpak/app/org.example.Lab/x86_64/stable/${'0'.repeat(64)}/metadata`,
      '',
      ['flatpak org.example.Lab stable'],
    ],
    ['snap/lab/12/meta/snap.yaml', 'name: lab\nversion: "1.2"\nsummary: x\n', ['snap lab 1.2']],
    [
      'opt/vcpkg/installed/vcpkg/status',
      'Package: zlib\nVersion: 1.3\nPort-Version: 1\nArchitecture: x64-linux\nStatus: install ok installed\n\nPackage: curl\nFeature: ssl\nArchitecture: x64-linux\nStatus: install ok installed\n\nPackage: gone\nVersion: 1\nStatus: purge ok not-installed\n',
      ['vcpkg zlib 1.3'],
    ],
    ['root/.conan/data/zlib/1.3/_/_/package/0123abcd/conaninfo.txt', '[settings]\n', ['conan zlib 1.3']],
    [
      'var/www/wp-content/plugins/akismet/akismet.php',
      '<?php\n/**\n * Plugin Name: Akismet\n * Version: 5.3\n */\n',
      ['wordpress-plugin akismet 5.3'],
    ],
    ['var/www/wp-content/plugins/akismet/class.php', '<?php\n', []],
    [
      'var/www/wp-content/themes/astra/style.css',
      '/*\nTheme Name: Astra\nVersion: 4.6.1\n*/\n',
      ['wordpress-theme astra 4.6.1'],
    ],
    ['var/www/wp-content/themes/astra/assets/style.css', '/* Version: 1 */', []],
    [
      'var/www/html/modules/contrib/webform/webform.info.yml',
      "name: Webform\ntype: module\n\nversion: '6.2.0'\nproject: 'webform'\n",
      ['drupal-extension webform 6.2.0'],
    ],
    ['var/www/html/modules/contrib/webform/modules/ui/ui.info.yml', 'name: x\nversion: VERSION\n', []],
    [
      'var/www/html/administrator/components/com_lab/lab.xml',
      '<?xml version="1.0"?><extension type="component" method="upgrade"><name>com_lab</name><version>1.2.3</version></extension>',
      ['joomla-extension com_lab 1.2.3'],
    ],
    ['srv/app/modules/core/pom.xml', '<project><name>x</name><version>1</version></project>', []],
    [
      'var/lib/grafana/plugins/lab-panel/plugin.json',
      '{"type":"panel","id":"lab-panel","info":{"version":"1.2.3"}}',
      ['grafana-plugin lab-panel 1.2.3'],
    ],
    ['srv/app/plugin.json', '{"name":"x","version":"1.0.0"}', []],
    [
      'srv/infra/.terraform.lock.hcl',
      'provider "registry.terraform.io/hashicorp/aws" {\n  version     = "4.0.0"\n  constraints = "~> 4.0"\n  hashes = [\n    "h1:x",\n  ]\n}\n\nprovider "registry.opentofu.org/lab/lab" {\n  version = "1.2.3"\n}\n',
      [
        'terraform registry.terraform.io/hashicorp/aws 4.0.0',
        'terraform registry.opentofu.org/lab/lab 1.2.3',
      ],
    ],
    [
      'var/log/packages/openssl-solibs-1.1.1w-x86_64-1',
      'PACKAGE NAME: x\n',
      ['slackware openssl-solibs 1.1.1w'],
    ],
    ['var/lib/pkgtools/packages/aaa_base-15.0-x86_64-4_slack15.0', '', ['slackware aaa_base 15.0']],
    [
      'var/db/xbps/pkgdb-0.38.plist',
      '<plist><dict><key>openssl</key><dict><key>pkgver</key>\n<string>openssl-3.1.4_1</string></dict></dict></plist>',
      ['xbps openssl 3.1.4_1'],
    ],
    ['var/db/xbps/pkgdb-0.38.plist', '<plist/>', ['xbps ! problem']],
    ['var/lib/eopkg/package/openssl-1.1.1w-38/metadata.xml', '<PISI/>', ['eopkg openssl 1.1.1w-38']],
    [
      'etc/cos-package-info.json',
      '{"installedPackages":[{"category":"dev-libs","name":"openssl","version":"1.1.1w"}],"buildTimePackages":[{"category":"a","name":"b","version":"1"}]}',
      ['cos dev-libs/openssl 1.1.1w'],
    ],
    ['usr/lib/luarocks/rocks-5.4/lpeg/1.0.2-1/lpeg-1.0.2-1.rockspec', '', ['luarocks lpeg 1.0.2-1']],
    ['home/linuxbrew/.linuxbrew/Cellar/jq/1.7/INSTALL_RECEIPT.json', '{}', ['homebrew jq 1.7']],
    ['var/db/pkg/dev-libs/openssl-1.1.1-r1/PF', 'openssl-1.1.1-r1', ['portage dev-libs/openssl 1.1.1-r1']],
    ['var/db/pkg/dev-libs/lib-2-fast-1.0/PF', '', ['portage dev-libs/lib-2-fast 1.0']],
    [
      'srv/www/bower_components/jquery/.bower.json',
      '{"name":"jquery","version":"3.4.1","_release":"3.4.1"}',
      ['bower jquery 3.4.1'],
    ],
    [
      'srv/www/bower_components/own/.bower.json',
      '{"name":"own","_release":"0123456789"}',
      ['bower own 0123456789'],
    ],
    ['srv/www/bower_components/jquery/bower.json', '{"name":"jquery","version":"3.4.1"}', []],
    [
      'usr/local/lib/php/.registry/.channel.pecl.php.net/apcu.reg',
      pearRecord('APCu', '5.1.22'),
      ['pecl pecl.php.net/APCu 5.1.22'],
    ],
    ['usr/local/lib/php/.registry/.channel.pecl.php.net/apcu.reg', 'a:1:{', ['pecl ! problem']],
    ['usr/local/lib/php/.registry/archive_tar.reg', pearRecord('Archive_Tar', '1.4.14'), []],
    [
      'root/.local/share/swi-prolog/pack/lab/pack.pl',
      "name(lab).\ntitle('A lab').\nversion('1.2.3').\nauthor('A', 'a@example.com').\n",
      ['swipl lab 1.2.3'],
    ],
    ['root/.local/share/swi-prolog/pack/lab/pack.pl', 'name(lab).\n', ['swipl ! problem']],
    ['usr/lib/opkg/info/a.control', 'Package: a\nVersion: 1-2\nArchitecture: x\n', ['opkg a 1-2']],
  ];
  for (const [path, text, want] of cases) it(path, () => assert.deepEqual(found(path, text), want));
});

it('extensions that pecl compiled are parts of their packages', () => {
  const pecl = recordDetectors.find(({ id }) => id === 'pecl')!;
  const [record, extension] = [
    'usr/local/lib/php/.registry/.channel.pecl.php.net/apcu.reg',
    'usr/local/lib/php/extensions/apcu.so',
  ];
  const files = [layerFile(record, pearRecord('APCu', '5.1.22', [`/${extension}`]))];
  const layer = { files, file: () => undefined, has: () => false, names: () => [] };
  const brought = pecl.brings!(layer, new Set([extension, 'usr/local/lib/other.so']), new Set([record]));
  assert.deepEqual([...brought], [extension]);
});
