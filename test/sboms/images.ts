/** Small images of which real tools made the SBOMs in fixtures/ (scripts/make-sbom-fixtures.ts), with one package of each kind. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { inlineInfo } from '../../src/ecosystems/go/build-info.fixture.ts';
import { makeZip } from '../../src/formats/archives/zip.fixture.ts';
import { elf } from '../../src/formats/programs/programs.fixture.ts';
import type { TarFile } from '../../src/image/tar/writer.fixture.ts';
import { ROOT } from '../imports.ts';

const file = (name: string, content: string | Buffer, mode = 0o644): TarFile => ({ name, content, mode });

const osRelease = (fields: Readonly<Record<string, string>>): TarFile =>
  file(
    'etc/os-release',
    Object.entries(fields)
      .map(([key, value]) => `${key}="${value}"\n`)
      .join(''),
  );

const dpkg = (name: string, version: string, source = ''): string =>
  [
    `Package: ${name}`,
    'Status: install ok installed',
    'Priority: optional',
    'Section: libs',
    'Installed-Size: 10',
    'Maintainer: Lab <lab@example.com>',
    'Architecture: amd64',
    ...(source === '' ? [] : [`Source: ${source}`]),
    `Version: ${version}`,
    `Description: ${name} for tests`,
    '',
    '',
  ].join('\n');

const apk = (name: string, version: string, origin: string): string =>
  [
    'C:Q1AAAAAAAAAAAAAAAAAAAAAAAAAAA=',
    `P:${name}`,
    `V:${version}`,
    'A:x86_64',
    'S:10',
    'I:20',
    `T:${name} for tests`,
    'U:https://example.com',
    'L:MIT',
    `o:${origin}`,
    'm:Lab <lab@example.com>',
    't:1700000000',
    '',
    '',
  ].join('\n');

/** Of languages, at places where their tools put them. */
const LANGUAGES: readonly TarFile[] = [
  file(
    'usr/local/lib/python3.11/site-packages/Lab_Python-1.2.0.dist-info/METADATA',
    'Metadata-Version: 2.1\nName: Lab_Python\nVersion: 1.2.0\nSummary: for tests\n\n',
  ),
  file('usr/local/lib/python3.11/site-packages/Lab_Python-1.2.0.dist-info/RECORD', 'lab.py,,\n'),
  file(
    'srv/app/node_modules/@lab/teapot/package.json',
    '{"name":"@lab/teapot","version":"1.2.3","license":"MIT"}',
  ),
  file(
    'srv/app/node_modules/lab-kettle/package.json',
    '{"name":"lab-kettle","version":"0.1.0","license":"MIT"}',
  ),
  file(
    'usr/local/lib/ruby/gems/3.2.0/specifications/lab-gem-1.2.3.gemspec',
    '# -*- encoding: utf-8 -*-\nGem::Specification.new do |s|\n  s.name = "lab-gem".freeze\n  s.version = "1.2.3".freeze\n  s.licenses = ["MIT".freeze]\n  s.authors = ["Lab".freeze]\nend\n',
  ),
  file(
    'srv/java/lab-core-1.4.0.jar',
    makeZip({
      members: [
        {
          name: 'META-INF/MANIFEST.MF',
          content: 'Manifest-Version: 1.0\nImplementation-Title: lab-core\nImplementation-Version: 1.4.0\n\n',
        },
        {
          name: 'META-INF/maven/org.example.lab/lab-core/pom.properties',
          content: 'groupId=org.example.lab\nartifactId=lab-core\nversion=1.4.0\n',
        },
      ],
    }),
  ),
  file(
    'usr/local/bin/lab',
    elf(() =>
      inlineInfo({
        version: 'go1.21.5',
        modules: [
          'path\texample.com/Lab/cmd/lab',
          'mod\texample.com/Lab\tv1.0.0\t',
          'dep\tgithub.com/Masterminds/goutils\tv1.1.0\th1:a=',
          'dep\tgithub.com/cespare/xxhash/v2\tv2.1.0\th1:b=',
          'build\tGOOS=linux',
          'build\tGOARCH=amd64',
          '',
        ].join('\n'),
      }),
    ),
    0o755,
  ),
];

/** By name: the files of the one layer. */
export const IMAGES: Readonly<Record<string, readonly TarFile[]>> = {
  debian: [
    osRelease({
      PRETTY_NAME: 'Debian GNU/Linux 12 (bookworm)',
      NAME: 'Debian GNU/Linux',
      VERSION_ID: '12',
      VERSION: '12 (bookworm)',
      VERSION_CODENAME: 'bookworm',
      ID: 'debian',
    }),
    file('etc/debian_version', '12.5\n'),
    file(
      'var/lib/dpkg/status',
      dpkg('lab-plain', '1.0-1') +
        dpkg('liblab3', '3.0.11-1~deb12u2', 'lab') +
        dpkg('lab-rebuilt', '1:1.0-1+b1', 'lab-src (1:1.0-1)'),
    ),
    ...LANGUAGES,
  ],
  alpine: [
    osRelease({
      NAME: 'Alpine Linux',
      ID: 'alpine',
      VERSION_ID: '3.23.0',
      PRETTY_NAME: 'Alpine Linux v3.23',
    }),
    file('etc/alpine-release', '3.23.0\n'),
    file('lib/apk/db/installed', apk('liblab', '3.1.4-r0', 'lab') + apk('lab', '3.1.4-r0', 'lab')),
    ...LANGUAGES,
  ],
  rocky: [
    osRelease({
      NAME: 'Rocky Linux',
      VERSION: '9.3 (Blue Onyx)',
      ID: 'rocky',
      ID_LIKE: 'rhel centos fedora',
      VERSION_ID: '9.3',
      PLATFORM_ID: 'platform:el9',
      PRETTY_NAME: 'Rocky Linux 9.3 (Blue Onyx)',
    }),
    file(
      'var/lib/rpm/rpmdb.sqlite',
      gunzipSync(readFileSync(join(ROOT, 'src/ecosystems/rpm/fixtures/rpmdb.sqlite.gz'))),
    ),
  ],
};
