/** Packages that are files of their own, where they meet the operating system's packages and layers above them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inlineInfo } from '../src/ecosystems/go/build-info.fixture.ts';
import { ecosystems } from '../src/ecosystems/index.ts';
import { composeNdb } from '../src/ecosystems/rpm/databases.fixture.ts';
import { makeZip } from '../src/formats/archives/zip.fixture.ts';
import { elf } from '../src/formats/programs/programs.fixture.ts';
import type { LayerScan } from '../src/image/layer/layer-scan.ts';
import type { TarFile } from '../src/image/tar/writer.fixture.ts';
import { mergeLayers } from '../src/indexer/merge-layers.ts';
import { settleFiles } from '../src/indexer/settle-files.ts';
import { detectors, scanFiles } from './ecosystems.fixture.ts';

/** `name@version` of an image of these layers, those of the operating system's packages in brackets; then problems. */
async function packagesOf(...layers: (readonly TarFile[])[]): Promise<string[]> {
  const scans: LayerScan[] = [];
  for (const layer of layers) scans.push(await scanFiles(layer));
  const { packages, problems } = mergeLayers(ecosystems, settleFiles(scans, detectors));
  return [
    ...packages.map(({ package: { name, version, detector } }) =>
      /^(?:dpkg|apk|rpm)/.test(detector ?? '') ? `[${name}@${version}]` : `${name}@${version}`,
    ),
    ...problems.map(({ where, reason }) => `! ${where}: ${reason}`),
  ];
}

const file = (name: string, content: string | Buffer = '', mode = 0o644): TarFile => ({
  name,
  content,
  mode,
});
const METADATA = 'usr/lib/lab/lab-1.0.dist-info/METADATA';
const python = (version: string, name = METADATA): TarFile =>
  file(name, `Metadata-Version: 2.1\nName: lab\nVersion: ${version}\n\n`);

function dpkg(maintainer = ''): TarFile[] {
  const status = `Package: python3-lab\nStatus: install ok installed\nVersion: 1.0-1\nArchitecture: all\n${maintainer}`;
  return [
    file('var/lib/dpkg/status', status),
    file('var/lib/dpkg/info/python3-lab.list', `/.\n/usr/lib/lab\n/${METADATA}\n/lib/gone\n`),
  ];
}

const DPKG = '[python3-lab@1.0-1]';

/** rpm's docs/manual/format.md, "Header Structure". */
function rpmHeader(vendor: string, folder: string, base: string, flags = 0): Buffer {
  const text = (tag: number, value: string, type = 6) => ({ tag, type, bytes: Buffer.from(`${value}\0`) });
  const number = (tag: number, value: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return { tag, type: 4, bytes };
  };
  const entries = [
    number(1037, flags),
    number(1116, 0),
    text(1000, 'python3-lab'),
    text(1001, '1.0'),
    text(1002, '1'),
    ...(vendor === '' ? [] : [text(1011, vendor)]),
    text(1117, base, 8),
    text(1118, folder, 8),
  ];
  const head = Buffer.alloc(8 + 16 * entries.length);
  head.writeUInt32BE(entries.length, 0);
  let offset = 0;
  for (const [index, { tag, type, bytes }] of entries.entries()) {
    for (const [at, value] of [tag, type, offset, 1].entries())
      head.writeUInt32BE(value, 8 + 16 * index + 4 * at);
    offset += bytes.length;
  }
  head.writeUInt32BE(offset, 4);
  return Buffer.concat([head, ...entries.map(({ bytes }) => bytes)]);
}

const rpm = (vendor: string, flags = 0): TarFile =>
  file(
    'usr/lib/sysimage/rpm/Packages.db',
    composeNdb([rpmHeader(vendor, '/usr/lib/lab/lab-1.0.dist-info/', 'METADATA', flags)]),
  );
const RPM = '[python3-lab@1.0-1]';
const apk = (name: string): TarFile =>
  file(
    'lib/apk/db/installed',
    `P:py3-lab\nV:1.0-r0\nA:x86_64\nF:${name.replace(/\/[^/]*$/, '')}\nR:METADATA\n\n`,
  );
const APK = '[py3-lab@1.0-r0]';

describe('files of packages of the operating system', () => {
  const debian = 'Maintainer: Python Team <team+python@tracker.debian.org>\n';
  const cases: [what: string, layers: TarFile[][], want: string[]][] = [
    ['of dpkg', [[...dpkg(), python('1.0')]], [DPKG]],
    ['of dpkg, by a maintainer of Debian', [[...dpkg(debian), python('1.0')]], [DPKG]],
    [
      'of dpkg, by somebody else, in whose advisories nobody looks',
      [[...dpkg('Maintainer: Lab <lab@lab.example>\n'), python('1.0')]],
      [DPKG, 'lab@1.0'],
    ],
    [
      'of nobody, beside dpkg',
      [[...dpkg(), python('1.0', 'opt/lab-1.0.dist-info/METADATA')]],
      [DPKG, 'lab@1.0'],
    ],
    [
      'of dpkg, by its checksums where there is no list',
      [
        [
          dpkg()[0]!,
          file('var/lib/dpkg/info/python3-lab.md5sums', `${'0'.repeat(32)}  ${METADATA}\n`),
          python('1.0'),
        ],
      ],
      [DPKG],
    ],
    ['of a list without its package', [[dpkg()[1]!, python('1.0')]], ['lab@1.0']],
    [
      'replaced above, without the database',
      [[...dpkg(), python('1.0')], [python('2.0')]],
      [DPKG, 'lab@2.0'],
    ],
    [
      'that replace what a layer below had from elsewhere',
      [[python('0.9')], [...dpkg(), python('1.0')]],
      [DPKG],
    ],
    [
      'that dpkg listed, but somebody diverted',
      [[...dpkg(), python('1.0'), file('var/lib/dpkg/diversions', `/${METADATA}\n/${METADATA}.old\n:\n`)]],
      [DPKG, 'lab@1.0'],
    ],
    [
      'listed by the other name of a merged directory',
      [
        [
          file(
            'var/lib/dpkg/status',
            'Package: a\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n',
          ),
          file('var/lib/dpkg/info/a.list', `/${METADATA.slice(4)}\n`),
          python('1.0'),
        ],
      ],
      ['[a@1]'],
    ],
    [
      'of distroless images',
      [
        [
          file(
            'var/lib/dpkg/status.d/python3-lab',
            'Package: python3-lab\nVersion: 1.0-1\nArchitecture: all\n',
          ),
          file('var/lib/dpkg/status.d/python3-lab.md5sums', `${'0'.repeat(32)}  ${METADATA}\n`),
          python('1.0'),
        ],
      ],
      [DPKG],
    ],
    ['of apk', [[apk(METADATA), python('1.0')]], [APK]],
    ['of others, beside apk', [[apk('usr/lib/other/METADATA'), python('1.0')]], [APK, 'lab@1.0']],
    ['of rpm', [[rpm('Fedora Project'), python('1.0')]], [RPM]],
    ['of rpm, whoever made it', [[rpm(''), python('1.0')]], [RPM]],
    ['of rpm, by somebody else', [[rpm('Lab Inc.'), python('1.0')]], [RPM, 'lab@1.0']],
    ['of rpm, that need not be its own', [[rpm('Fedora Project', 64), python('1.0')]], [RPM, 'lab@1.0']],
  ];
  for (const [what, layers, want] of cases) {
    it(what, async () => assert.deepEqual(await packagesOf(...layers), want));
  }

  it('leave no repository behind', async () => {
    const found = settleFiles([await scanFiles([...dpkg(), python('1.0')])], detectors);
    assert.deepEqual(mergeLayers(ecosystems, found).repositories, []);
  });
});

describe('a file of a package that a layer above replaces', () => {
  const program = elf(() => inlineInfo({ version: 'go1.21.5', modules: 'mod\texample.com/lab\tv1.0.0\t\n' }));
  const go = (name: string): TarFile => file(name, program, 0o755);
  const GO = ['example.com/lab@v1.0.0', 'stdlib@1.21.5'];
  const jar = (version: string): Buffer =>
    makeZip({
      members: [
        {
          name: 'META-INF/maven/g/a/pom.properties',
          content: `groupId=g\nartifactId=a\nversion=${version}\n`,
        },
      ],
    });
  const link = (name: string): TarFile => ({ name, flag: '2', link: 'elsewhere' });
  const folder = (name: string): TarFile => ({ name, flag: '5' });
  const cases: [what: string, layers: TarFile[][], want: string[]][] = [
    ['by nothing', [[go('app/run')], [file('app/other', 'x')]], GO],
    ['by a script', [[go('app/run')], [file('app/run', '#!/bin/sh\n', 0o755)]], []],
    ['by an empty file', [[go('app/run')], [file('app/run')]], []],
    ['by a link', [[go('app/run')], [link('app/run')]], []],
    ['by a directory', [[go('app/run')], [folder('app/run/')]], []],
    ['by itself', [[go('app/run')], [go('app/run')]], GO],
    ['by something else, and is put back', [[go('app/run')], [file('app/run')], [go('app/run')]], GO],
    ['with its directory', [[folder('app/'), go('app/run')], [file('app', 'x')]], []],
    ['with a directory that has no entry', [[go('app/run')], [file('app', 'x')]], []],
    ['with a directory that is a link now', [[go('app/bin/run')], [link('app')]], []],
    ['not, where its directory is a link below', [[link('lib')], [go('lib/run')], [link('lib')]], GO],
    [
      'with its directory, which had been a link before',
      [[link('lib')], [folder('lib/'), go('lib/run')], [link('lib')]],
      [],
    ],
    [
      'with its directory, in place of a link that is gone',
      [[link('lib')], [file('.wh.lib')], [go('lib/run')], [link('lib')]],
      [],
    ],
    [
      'with its directory, and is put back',
      [[go('app/run')], [file('app', 'x')], [folder('app/'), go('app/run')]],
      GO,
    ],
    ['by a link in place of the folder of a database', [[apk('x')], [link('lib/apk')]], []],
    ['by a file in place of the folder of a database', [[folder('lib/'), apk('x')], [file('lib', '')]], []],
    [
      'with the folder of a database, whose new one is empty',
      [[apk('x')], [link('lib'), file('usr/lib/apk/db/installed', '')]],
      [],
    ],
    ['not, a database by way of a link', [[link('lib')], [apk('x')], [link('lib')]], [APK]],
    ['by another jar', [[file('a.jar', jar('1'))], [file('a.jar', jar('2'))]], ['g:a@2']],
    ['by a jar of nothing', [[file('a.jar', jar('1'))], [file('a.jar', 'x')]], []],
    [
      'by text that is no metadata any more',
      [[python('1.0')], [file(METADATA)]],
      [`! ${METADATA}: no Name and Version that can be read`],
    ],
  ];
  for (const [what, layers, want] of cases) {
    it(what, async () => {
      const found = await packagesOf(...layers);
      assert.deepEqual(
        found.filter((line) => !line.startsWith('!')),
        want.filter((line) => !line.startsWith('!')),
      );
      assert.equal(
        found.some((line) => line.startsWith('!')),
        want.some((line) => line.startsWith('!')),
      );
    });
  }
});

describe('packages that a node_modules leads to', () => {
  const lodash = (path: string, more = ''): TarFile =>
    file(`${path}/package.json`, `{"name":"lodash","version":"4.17.20"${more}}`);
  const to = (name: string, target: string): TarFile => ({ name, flag: '2', link: target });
  const cases: [what: string, files: readonly TarFile[], want: string[]][] = [
    [
      'a workspace',
      [to('app/node_modules/lodash', '../packages/lodash'), lodash('app/packages/lodash')],
      ['lodash@4.17.20'],
    ],
    [
      'its package.json',
      [to('app/node_modules/lodash/package.json', '../../src/lodash/package.json'), lodash('app/src/lodash')],
      ['lodash@4.17.20'],
    ],
    [
      'a global one',
      [to('usr/local/lib/node_modules/lodash', '/opt/fork'), lodash('opt/fork')],
      ['lodash@4.17.20'],
    ],
    [
      'one that npm publishes nothing of',
      [to('app/node_modules/lodash', '../packages/lodash'), lodash('app/packages/lodash', ',"private":true')],
      [],
    ],
    ['not: a source that nothing leads to', [lodash('app/packages/lodash')], []],
    [
      'not: another package of the name is there',
      [lodash('app/node_modules/lodash'), lodash('app/packages/lodash')],
      ['lodash@4.17.20'],
    ],
  ];
  for (const [what, files, want] of cases)
    it(what, async () => assert.deepEqual(await packagesOf(files), want));
});
