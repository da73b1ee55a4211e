/** Whose program it is: what the distribution brought is the distribution's, whatever else is in its database is not. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ecosystems } from '../src/ecosystems/index.ts';
import type { TarFile } from '../src/image/tar/writer.fixture.ts';
import { mergeLayers } from '../src/indexer/merge-layers.ts';
import { settleFiles } from '../src/indexer/settle-files.ts';
import { isProgramPackage } from '../src/model/package.ts';
import { detectors, scanFiles } from './ecosystems.fixture.ts';

const ELF = `\x7fELF\x02\x01\x01${'\0'.repeat(9)}\x03\0\x3e\0\x01${'\0'.repeat(43)}`;

function program(name: string, text: string): TarFile {
  return { name, content: Buffer.from(ELF + text, 'latin1'), mode: 0o755 };
}

const POSTGRES = 'usr/lib/postgresql/15/bin/postgres';
const postgres = program(POSTGRES, '\0postgres (PostgreSQL) 15.4\0');
const NGINX = 'usr/sbin/nginx';
const nginx = program(NGINX, '\0nginx version: nginx/1.25.1\0');

function deb(name: string, version: string, maintainer: string, path: string): TarFile[] {
  const status = [
    `Package: ${name}`,
    'Status: install ok installed',
    `Version: ${version}`,
    'Architecture: amd64',
    `Maintainer: ${maintainer}`,
  ];
  return [
    { name: 'var/lib/dpkg/status', content: `${status.join('\n')}\n\n` },
    { name: `var/lib/dpkg/info/${name}.list`, content: `/.\n/${path}\n` },
  ];
}

function apk(name: string, maintainer: string, path: string): TarFile[] {
  const folder = path.slice(0, path.lastIndexOf('/'));
  const lines = [
    `P:${name}`,
    'V:1.25.1-r1',
    'A:x86_64',
    `m:${maintainer}`,
    `o:${name}`,
    `F:${folder}`,
    `R:${path.slice(folder.length + 1)}`,
  ];
  return [{ name: 'lib/apk/db/installed', content: `${lines.join('\n')}\n\n` }];
}

async function programsIn(...layers: (readonly TarFile[])[]): Promise<string[]> {
  const scans = await Promise.all(layers.map(scanFiles));
  const { packages, problems } = mergeLayers(ecosystems, settleFiles(scans, detectors));
  assert.deepEqual(
    problems.filter(({ kind }) => kind === 'unchecked-program'),
    [],
  );
  return packages
    .filter((each) => isProgramPackage(each.package))
    .map(({ package: { name, version }, environments }) => `${name} ${version} x${environments.length}`);
}

/** Of an image whose lists of packages name no files. */
function azure(name: string, version: string): TarFile {
  const row = `${name}\t${version}\t1\t1\tMicrosoft Corporation\t(none)\t9\tx86_64\t0\t${name}-${version}.src.rpm\n`;
  return { name: 'var/lib/rpmmanifest/container-manifest-2', content: row };
}

function bottlerocket(name: string, version: string, release: string): TarFile {
  const content = JSON.stringify({ Content: [{ Name: name, Version: version, Release: release }] });
  return { name: 'usr/share/bottlerocket/application-inventory.json', content };
}

const TEAM = 'Debian PostgreSQL Maintainers <team+postgresql@tracker.debian.org>';

describe('a program', () => {
  const cases: [what: string, layers: (readonly TarFile[])[], want: string[]][] = [
    ['of nobody', [[postgres]], ['postgresql 15.4 x1']],
    ['of Debian', [[postgres, ...deb('postgresql-15', '15.4-1', TEAM, POSTGRES)]], []],
    [
      'of PostgreSQL for Debian',
      [[postgres, ...deb('postgresql-15', '15.4-1.pgdg12+1', TEAM, POSTGRES)]],
      ['postgresql 15.4 x1'],
    ],
    [
      'of Debian, whose maintainer has an address elsewhere',
      [[nginx, ...deb('nginx', '1.22.1-9+deb12u3', 'A Person <a@person.example>', NGINX)]],
      [],
    ],
    [
      'of nginx.org for Debian',
      [[nginx, ...deb('nginx', '1.25.1-1~bookworm', 'NGINX Packaging <nginx-packaging@f5.com>', NGINX)]],
      ['nginx 1.25.1 x1'],
    ],
    ['of Alpine', [[nginx, ...apk('nginx', 'Jakub Jirutka <jakub@jirutka.cz>', NGINX)]], []],
    [
      'of nginx.org for Alpine',
      [[nginx, ...apk('nginx', 'NGINX Packaging <nginx-packaging@f5.com>', NGINX)]],
      ['nginx 1.25.1 x1'],
    ],
    [
      'of Debian that a later layer replaced',
      [
        [postgres, ...deb('postgresql-15', '15.4-1', TEAM, POSTGRES)],
        [program(POSTGRES, 'postgres (PostgreSQL) 15.2\0')],
      ],
      ['postgresql 15.2 x1'],
    ],
    ['of Azure Linux', [[nginx, azure('nginx', '1.25.1-3.azl3')]], []],
    [
      'that Azure Linux has in another version',
      [[nginx, azure('nginx', '1.25.4-3.azl3')]],
      ['nginx 1.25.1 x1'],
    ],
    ['that Azure Linux does not have', [[nginx, azure('zlib', '1.25.1-3.azl3')]], ['nginx 1.25.1 x1']],
    [
      'that Azure Linux has, beside the system',
      [[program('usr/local/bin/nginx', '\0nginx version: nginx/1.25.1\0'), azure('nginx', '1.25.1-3.azl3')]],
      ['nginx 1.25.1 x1'],
    ],
    [
      'in a layer above the list of Azure Linux',
      [[azure('nginx', '1.25.1-3.azl3')], [nginx]],
      ['nginx 1.25.1 x1'],
    ],
    ['of Bottlerocket', [[nginx, bottlerocket('nginx', '1.25.1', '1.br1')]], []],
    [
      'that Bottlerocket does not have',
      [[nginx, bottlerocket('zlib', '1.25.1', '1.br1')]],
      ['nginx 1.25.1 x1'],
    ],
    [
      'that a later layer replaced',
      [[nginx], [program(NGINX, 'nginx version: nginx/1.27.0\0')]],
      ['nginx 1.27.0 x1'],
    ],
    ['that a later layer removed', [[nginx], [{ name: 'usr/sbin/.wh.nginx', content: '' }]], []],
    [
      'in two places',
      [[nginx, program('opt/nginx', '\0nginx version: nginx/1.25.1\0')]],
      ['nginx 1.25.1 x2'],
    ],
  ];
  for (const [what, layers, want] of cases)
    it(`${what}: ${want.join(', ') || 'is not told'}`, async () =>
      assert.deepEqual(await programsIn(...layers), want));
});
