import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import type { Detection } from '../../contract/detector.ts';
import { tarOf } from '../../formats/archives/tar.fixture.ts';
import { makeZip } from '../../formats/archives/zip.fixture.ts';
import { asFile, elf } from '../../formats/programs/programs.fixture.ts';
import { ecosystems } from '../index.ts';
import { unopenedOf } from './unopened.ts';

const unopened = unopenedOf(ecosystems);

function detect(path: string, bytes: Buffer): Detection[] {
  const file = asFile(bytes, path);
  if (!unopened.inspects!(file) || !unopened.magic!(bytes.subarray(0, 512), file)) return [];
  return [...unopened.inspect!(file, file)];
}

/** `KIND: REASON [detector name]` of what is told. */
function told(path: string, bytes: Buffer): string[] {
  return detect(path, bytes).map((found) => {
    assert.ok(found.found === 'problem');
    assert.equal(found.where, path);
    const lists = found.lists ? ` [${found.lists.detectors[0]} ${found.lists.names.join()}]` : '';
    return `${found.kind}: ${found.reason}${lists}`;
  });
}

const tgz = (...names: string[]) => gzipSync(tarOf(names.map((name) => [name, 'x'])));
const zip = (...names: string[]) => makeZip({ members: names.map((name) => ({ name, content: 'x' })) });
const scripted = (script: string, name: string) =>
  makeZip({ members: [{ name, content: 'x' }], prefix: Buffer.from(script) });
const behind = (begin: string, length = 600) =>
  Buffer.concat([Buffer.from(begin, 'latin1'), Buffer.alloc(length)]);
const layer = `${'a1'.repeat(32)}.tar`;
const blob = `blobs/sha256/${'a1'.repeat(32)}`;

const file = (lists: string) =>
  `unread-inventory: a package file that is not opened${lists && ` [${lists}]`}`;
const archive = (holds: string) => `unread-inventory: an archive that is not opened, with ${holds}`;
const IMAGE = 'unread-inventory: an image of a container that is not opened';
const NOTE = 'note: an archive that is not opened: its compression is not read';

describe('files that hold others', () => {
  const cases: [path: string, bytes: Buffer, want: string | undefined][] = [
    ['srv/curl_8.1-2_amd64.deb', behind('!<arch>\ndebian-binary   '), file('dpkg curl')],
    ['var/tmp/download', behind('!<arch>\ndebian-binary   '), file('')],
    ['usr/lib/libx.a', behind('!<arch>\nx.o/            '), undefined],
    ['srv/openssl-libs-3.0-1.el9.x86_64.rpm', behind('\xed\xab\xee\xdb\x03'), file('rpm openssl-libs')],
    ['srv/libcrypto3-3.1.0-r1.apk', tgz('.PKGINFO'), file('apk libcrypto3')],
    ['srv/new.apk', tgz('.PKGINFO'), file('')],
    ['srv/ADB-1.0-r0.apk', behind('ADBd'), file('apk ADB')],
    ['srv/lab-1.0-1-any.pkg.tar.zst', behind('\x28\xb5\x2f\xfd'), file('pacman lab')],
    ['srv/django-3.0-py3-none-any.whl', zip('django-3.0.dist-info/METADATA'), file('python django')],
    ['srv/nokogiri-1.10.0.gem', tarOf([['metadata.gz', 'x']]), file('ruby nokogiri')],
    ['srv/Newtonsoft.Json.12.0.1.nupkg', zip('a.nuspec'), file('dotnet-deps Newtonsoft.Json')],
    ['srv/time-0.1.0.crate', tgz('time-0.1.0/Cargo.toml'), file('cargo-auditable time')],
    ['srv/openssl-3.0.1-h7f98852_0.conda', zip('metadata.json'), file('conda openssl')],
    ['srv/log4j-core-2.14.1.jar.gz', gzipSync('PK'), file('java log4j-core')],
    ['srv/log4j-core-2.14.1.jar.pack.gz', gzipSync('PK'), file('java log4j-core')],
    ['opt/fx/javafx.base.jmod', behind('JM\x01\0PK'), file('java javafx.base')],
    ['opt/jdk/jmods/java.base.jmod', behind('JM\x01\0PK'), undefined],
    ['srv/x.snap', behind('hsqs'), 'unread-inventory: a file system (squashfs) that is not opened'],
    [
      'usr/bin/x',
      behind('\x7fELF\x02\x01\x01\0AI\x02'),
      'unread-inventory: an application (AppImage) that is not opened',
    ],
    ['usr/bin/y', behind('\x7fELF\x02\x01\x01\0\0\0\0'), undefined],
    ['srv/x.flatpak', behind('flatpak\0'), file('conda x')],
    ['srv/vm', behind('QFI\xfb\0\0\0\x03'), 'unread-inventory: a disk of a machine that is not opened'],
    ['srv/x.iso', Buffer.alloc(600), 'unread-inventory: a disk (ISO 9660) that is not opened'],
    ['srv/root.cpio', behind('070701'), 'unread-inventory: an archive of cpio that is not opened'],
    [
      'srv/saved',
      tarOf([
        [layer, 'x'],
        ['manifest.json', '[]'],
      ]),
      IMAGE,
    ],
    [
      'srv/layout.tar.gz',
      gzipSync(
        tarOf([
          ['./oci-layout', '{}'],
          [blob, 'x'],
        ]),
      ),
      IMAGE,
    ],
    ['srv/layout/oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}'), IMAGE],
    [
      'srv/dist.tar.gz',
      tgz('a/README', 'a/lib/x-1.0.jar', 'a/lib/y.jar'),
      archive('a/lib/x-1.0.jar and 1 other'),
    ],
    ['srv/dist.tar.zst', zstdCompressSync(tarOf([['./lib/x.so.1', 'x']])), archive('lib/x.so.1')],
    ['srv/app.tgz', tgz('node_modules/@s/b/package.json'), archive('node_modules/@s/b/package.json')],
    ['srv/django-3.0.tar.gz', tgz('django-3.0/PKG-INFO'), archive('django-3.0/PKG-INFO')],
    ['srv/lodash-4.17.20.tgz', tgz('package/package.json'), archive('package/package.json')],
    ['srv/chart.tgz', tgz('chart/Chart.yaml', 'chart/values.yaml'), undefined],
    ['srv/src.tgz', tgz('x/package.json'), archive('x/package.json')],
    ['srv/data.tar', tarOf([['a.csv', 'x']]), undefined],
    ['srv/lambda.zip', zip('x-1.0.dist-info/METADATA'), archive('x-1.0.dist-info/METADATA')],
    ['srv/lambda', zip('a.jar'), archive('a.jar')],
    ['srv/dist.zip', zip('a.jar'), undefined], // Java opens it
    [
      'usr/bin/shiv',
      scripted('#!/usr/bin/env python3\n', 'site-packages/x-1.0.dist-info/METADATA'),
      archive('site-packages/x-1.0.dist-info/METADATA'),
    ],
    [
      'usr/bin/rebar3',
      scripted('#!/usr/bin/env escript\n%%\n%%! -noinput\n', 'plug/ebin/plug.app'),
      archive('plug/ebin/plug.app'),
    ],
    ['usr/bin/own', scripted('#!/usr/bin/env python3\n', '__main__.py'), undefined],
    ['usr/bin/x.pex', scripted('#!/usr/bin/env python3\n', 'x-1.0.dist-info/METADATA'), undefined], // Python opens it
    ['usr/bin/script', behind('#!/bin/sh\necho PK\n'), undefined],
    ['srv/report.docx', zip('word/document.xml'), undefined],
    ['srv/x.pyz', zip('a.dist-info/METADATA'), undefined], // Python opens it
    ['srv/dist.tar.xz', behind('\xfd7zXZ\0'), NOTE],
    ['srv/dist.7z', behind('7z\xbc\xaf\x27\x1c'), NOTE],
    [
      'srv/text.tar.gz',
      gzipSync('no archive'),
      'unread-inventory: an archive that is not opened: the archive is no tar archive, or is damaged',
    ],
    ['models/x.gguf', behind('GGUF\x03'), 'note: a model (GGUF) that is not opened: no feed covers models'],
    ['usr/share/man/man1/x.1.gz', gzipSync('text'), undefined],
    [
      'app/x.phar',
      behind('<?php __HALT_COMPILER(); ?>\r\n vendor/composer/installed.json'),
      'unread-inventory: an archive of PHP that is not opened, with installed.json',
    ],
    ['usr/bin/phar', behind('#!/usr/bin/env php\n<?php __HALT_COMPILER();'), undefined],
    ['app/node_modules/x/test.tgz', tgz('package/package.json'), undefined],
    ['root/.cargo/registry/cache/x/time-0.1.0.crate', tgz('Cargo.toml'), undefined],
  ];
  for (const [path, bytes, want] of cases)
    it(`${path}: ${want ?? 'nothing'}`, () =>
      assert.deepEqual(told(path, bytes), want === undefined ? [] : [want]));

  it('say so of programs in them, by their first bytes', () => {
    const tar = tarOf([['bin/app', elf(() => Buffer.from('data'))]]);
    assert.deepEqual(told('a.tar', tar), [], 'it may not be run');
    tar.write('0000755', 100);
    tar.fill(' ', 148, 156);
    const sum = tar.subarray(0, 512).reduce((total, byte) => total + byte, 0);
    tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    assert.deepEqual(told('a.tar', tar), [archive('bin/app')]);
  });

  it('are told where they are too big to look into', () => {
    const { inspect } = unopened.perLayer!();
    const big = gzipSync(Buffer.alloc(65 * 1024 * 1024));
    const [found] = [...inspect!(asFile(big, 'a.tar.gz'), asFile(big, 'a.tar.gz'))];
    assert.match(found?.found === 'problem' ? found.reason : '', /unpacked, bigger than \d+ bytes/);
  });

  it('never throw, whatever is in them', () => {
    const archives = [tgz('a.jar'), zip('a.whl'), tarOf([['a.jar', 'x']])];
    const damaged = fc
      .tuple(
        fc.constantFrom(...archives),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 8 }),
        fc.nat(),
      )
      .map(([bytes, edits, cut]) => {
        const copy = Buffer.from(bytes.subarray(0, Math.max(20, bytes.length - (cut % 40))));
        for (const [at, value] of edits) copy[at % copy.length] = value;
        return copy;
      });
    fc.assert(
      fc.property(
        fc.constantFrom('a.tar.gz', 'a.tar', 'a.zip', 'a.gem', 'a'),
        fc.oneof(damaged, fc.uint8Array({ minLength: 16 }).map(Buffer.from)),
        (path, bytes) => void detect(path, bytes),
      ),
    );
  });
});
