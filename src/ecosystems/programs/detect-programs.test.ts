import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { asFile } from '../../formats/programs/programs.fixture.ts';
import { detectPrograms, PROGRAMS } from './detect-programs.ts';
import { UPSTREAM } from './lookups.ts';
import { PRODUCTS } from './products.ts';
import { TEXTS } from './texts.ts';

const ELF = `\x7fELF\x02\x01\x01${'\0'.repeat(9)}\x03\0\x3e\0\x01${'\0'.repeat(43)}`;
const BIG = '\0'.repeat(100_000);

/** `name version`, or what is told; undefined: nothing. */
function detect(path: string, content: string): string | undefined {
  const file = asFile(Buffer.from(content, 'latin1'), path);
  if (!detectPrograms.inspects!(file)) return undefined;
  const [found, repository] = detectPrograms.inspect!(file, file);
  if (found?.found === 'problem') return `${found.kind} ${found.reason.split(':')[0]}`;
  if (found?.found !== 'package') return undefined;
  assert.deepEqual(repository, { found: 'repository', repository: UPSTREAM });
  assert.equal(found.package.path, path);
  return `${found.package.name} ${found.package.version}`;
}

describe('programs by their bytes', () => {
  const cases: [path: string, content: string, want: string | undefined][] = [
    [
      'usr/local/bin/node',
      'v8 12.4.254.21-node.57\0OpenSSL 3.5.9 29 Sep 2026\x001.2.3\0node.js/v20.11.0\0',
      'node 20.11.0',
    ],
    ['usr/local/bin/node.exe', `MZ${'\0'.repeat(58)}\x40\0\0\0PE\0\0\0node.js/v20.11.0\0`, 'node 20.11.0'],
    ['opt/old/bin/node', '\0v0.10.48\0', 'node 0.10.48'],
    ['usr/local/lib/libpython3.11.so.1.0', '\x0014.0.0\x001.2.13\x003.11.4\x003.2.0\0', 'python 3.11.4'],
    ['usr/local/bin/python3.13', '\x003.13.0rc2\0', 'python 3.13.0rc2'],
    ['usr/local/bin/python3.13', '\x003.13.0+\0', 'python 3.13.0'],
    ['usr/local/bin/python3.11', `\x003.11.4\x003.11.5\0${BIG}`, 'unchecked-program python'],
    ['usr/local/bin/python3.11', 'a launcher', undefined],
    [
      'usr/local/lib/libruby.so.3.3.0',
      '\0ruby \0ruby 3.3.4 (2024-07-09 revision be1089c8ec) [x86_64-linux]\0',
      'ruby 3.3.4',
    ],
    ['usr/local/lib/libruby.so.3.1.2', '\0ruby 3.1.2p20 (2022-04-12 revision 4491bb740a)\0', 'ruby 3.1.2p20'],
    ['usr/local/bin/php', '4.2.36\x002.9.14\0X-Powered-By: PHP/8.3.0RC4\0', 'php 8.3.0RC4'],
    ['usr/lib/apache2/modules/libphp.so', 'X-Powered-By: PHP/8.2.1\0', 'php 8.2.1'],
    ['usr/local/bin/perl', '/usr/local/lib/perl5/site_perl/5.36.3\0', 'perl 5.36.3'],
    ['opt/java/openjdk/bin/java', '\0openjdk\0java\x000.0\x0017.0.9+9\0', 'java 17.0.9'],
    ['opt/java/openjdk/bin/java', '\0openjdk\0java\x001.8\x001.8.0_352-b08\0', 'java 1.8.0_352'],
    ['opt/java/openjdk/bin/java', '\x0021.0.2+13-LTS\0openjdk\0java\0', 'java 21.0.2'],
    ['usr/local/bin/deno', 'LP-Exporter-Deno/0.80.0 Deno/2.9.6\0', 'deno 2.9.6'],
    ['usr/local/bin/bun', 'Bun v1.4.5\0', 'bun 1.4.5'],
    [
      'usr/local/bin/redis-server',
      '\x002.6.0\x007.0.1\x007.0.15\x007.0.151790282056000000000\0',
      'redis 7.0.15',
    ],
    [
      'usr/local/bin/redis-server',
      '\x006.2.0\x007.2.5\x007.2.5buildkitsandbox-1725000000000000000\0',
      'redis 7.2.5',
    ],
    [
      'usr/local/bin/valkey-server',
      'valkey\x007.2.4\x009.0.0\x009.0.0host-1725000000000000000\0',
      'valkey 9.0.0',
    ],
    [
      'usr/local/bin/redis-server',
      'valkey\x007.2.4\x009.0.0\x009.0.0host-1725000000000000000\0',
      'valkey 9.0.0',
    ],
    ['usr/local/apache2/bin/httpd', '\x002.4\0Apache/2.4.54 (Unix)\0', 'apache 2.4.54'],
    ['usr/sbin/nginx', '\0nginx version: nginx/1.25.1\0', 'nginx 1.25.1'],
    ['usr/local/openresty/nginx/sbin/nginx', '\0openresty/1.21.4.3\0', 'nginx 1.21.4'],
    ['usr/local/bin/postgres', '\0postgres (PostgreSQL) 15.4\0', 'postgresql 15.4'],
    ['usr/local/bin/postgres', '\0PostgreSQL 15beta4 on x86_64\0', 'postgresql 15beta4'],
    [
      'usr/sbin/mariadbd',
      ' set it to 10.1.1-MariaDB-mariadb1precise-log here\x0010.6.15-MariaDB\0',
      'mariadb 10.6.15',
    ],
    ['usr/sbin/mysqld', '/build/mysql-9.7.0/sql/x.cc\0', 'mysql 9.7.0'],
    ['usr/sbin/mysqld', '/b/percona-server-8.0.35-27/sql\0mysql-8.0.35', 'percona 8.0.35'],
    ['usr/sbin/mysqld', '\x0010.6.15-MariaDB\0/mysql-5.6/', 'mariadb 10.6.15'],
    ['usr/bin/mongod', '\x001.2.3\x007.0.28\0heap_size\0', 'mongodb 7.0.28'],
    ['usr/local/sbin/haproxy', ' version 2.7.3-1065b10, released 2023/02/14\0', 'haproxy 2.7.3'],
    ['usr/local/bin/memcached', '\x001.25\0memcached 1.6.18\0', 'memcached 1.6.18'],
    ['usr/local/bin/envoy', '\x001.1.1\x001.24.5\0', 'envoy 1.24.5'],
    ['bin/[', `BusyBox v1.36.1 (2023)${'\0'.repeat(500_000)}`, 'busybox 1.36.1'],
    ['bin/[', 'coreutils', undefined],
    ['opt/openssl/lib/libcrypto.so.3', '\0OpenSSL 3.0.22 25 Aug 2026\0', 'openssl 3.0.22'],
    ['opt/x.libs/libcrypto-1a2b.so.1.1', '\0OpenSSL 1.1.1zb  1 Feb 2025\0', 'openssl 1.1.1zb'],
    ['usr/lib/libcrypto.so.52', '\0LibreSSL 3.8.2\0OpenSSL 1.0.2 1 Jan 2020\0', 'libressl 3.8.2'],
    [
      'usr/local/lib/libsqlite3.so.0.8.6',
      '\x003.40.1\x002022-12-28 14:03:47 df5c253c0b3dd24916e4ec7cf77d3db5294cc9fd45ae7b9c5e82ad8197f38a24\0',
      'sqlite 3.40.1',
    ],
    ['usr/local/sbin/sshd', '\0OpenSSH_9.2p1\0', 'openssh 9.2p1'],
    ['usr/local/bin/node', BIG, 'unchecked-program node'],
    ['usr/local/bin/node-gyp', 'node.js/v20.11.0', undefined],
    ['usr/local/bin/python3.7-config', '\x003.7.1\0', undefined],
  ];
  for (const [path, content, want] of cases)
    it(`${path}: ${want}`, () =>
      assert.equal(detect(path, content.startsWith('MZ') ? content : ELF + content), want));
  it('are no scripts of their names', () => {
    for (const name of ['node', 'php', 'httpd', 'git'])
      assert.equal(detect(`usr/bin/${name}`, `#!/bin/sh\nnode.js/v1.2.3 ${BIG}`), undefined);
  });
});

describe('programs by a text or a name', () => {
  const cases: [path: string, content: string, want: string | undefined][] = [
    ['opt/java/openjdk/release', 'IMPLEMENTOR="Eclipse Adoptium"\nJAVA_VERSION="17.0.9"\n', 'java 17.0.9'],
    ['opt/java/release', 'JAVA_VERSION="1.8.0_352"', 'java 1.8.0_352'],
    ['opt/app/release', 'v1', undefined],
    ['usr/local/go/VERSION', 'go1.26.8\ntime 2026-10-01T00:00:00Z\n', 'golang 1.26.8'],
    ['usr/local/go/VERSION', 'go1.25rc1', 'golang 1.25rc1'],
    ['usr/local/lib/erlang/releases/25/OTP_VERSION', '25.2.3\n', 'erlang 25.2.3'],
    [
      'opt/rabbitmq/plugins/rabbit-3.10.8/ebin/rabbit.app',
      '{application,rabbit,[{vsn, "3.10.8"}]}.',
      'rabbitmq 3.10.8',
    ],
    [
      'usr/src/wordpress/wp-includes/version.php',
      "<?php\n$wp_version = '6.4.1';\n$required_php_version = '7.0.0';\n",
      'wordpress 6.4.1',
    ],
    ['opt/drupal/web/core/lib/Drupal.php', "class Drupal {\n  const VERSION = '10.2.0';\n", 'drupal 10.2.0'],
    ['var/www/html/includes/bootstrap.inc', "<?php\ndefine('VERSION', '7.99');\n", 'drupal 7.99'],
    [
      'usr/src/nextcloud/version.php',
      "<?php\n$OC_Version = array(34,0,2,1);\n$OC_VersionString = '34.0.2';\n",
      'nextcloud 34.0.2',
    ],
    ['var/www/html/version.php', "$release  = '4.1.2+ (Build: 20230309)'; //\n", 'moodle 4.1.2'],
    [
      'usr/src/redmine/lib/redmine/version.rb',
      '    MAJOR = 5\n    MINOR = 0\n    TINY  = 4\n',
      'redmine 5.0.4',
    ],
    [
      'usr/src/joomla/administrator/manifests/files/joomla.xml',
      '<extension><version>5.1.1</version>',
      'joomla 5.1.1',
    ],
    ['var/www/html/RELEASE-DATE-5.2.1', '\n', 'phpmyadmin 5.2.1'],
    [
      'var/lib/ghost/versions/5.59.0/package.json',
      '{\n  "name": "ghost",\n  "version": "5.59.0"\n}',
      'ghost 5.59.0',
    ],
    ['usr/share/elasticsearch/lib/elasticsearch-8.11.2.jar', 'PK', 'elasticsearch 8.11.2'],
    ['opt/kafka/libs/kafka_2.13-3.4.0.jar', 'PK', 'kafka 3.4.0'],
    ['var/lib/neo4j/lib/neo4j-kernel-2026.01.3.jar', 'PK', 'neo4j 2026.01.3'],
    ['usr/local/julia/lib/libjulia-internal.so.1.12.6', '\x7fELF', 'julia 1.12.6'],
    ['srv/app/package.json', '{\n  "name": "ghost",\n  "version": "5.59.0"\n}', undefined],
  ];
  for (const [path, content, want] of cases)
    it(`${path}: ${want}`, () => assert.equal(detect(path, content), want));
});

describe('the tables', () => {
  it('have rows of known products, each with something to go by', () => {
    for (const { name } of [...PROGRAMS, ...TEXTS]) assert.ok(PRODUCTS.has(name), name);
    for (const { name, files, like } of PROGRAMS) assert.ok(files !== undefined || like !== undefined, name);
  });
  it('begin with a name', () => {
    for (const { name, like } of [...PROGRAMS, ...TEXTS])
      assert.ok(like === undefined || like.source.startsWith('(?:^|\\/)'), name);
  });
  it('take any bytes in little time', () => {
    const paths = [...PROGRAMS.flatMap(({ files = [] }) => files), 'release', 'bin/java', 'libcrypto.so'];
    const pieces = fc.constantFrom(
      '\0',
      '1.',
      '00000000\0',
      'OpenSSL ',
      '-MariaDB',
      ' version ',
      'valkey',
      '\x003.',
      'Deno/',
    );
    const content = fc
      .array(fc.oneof(pieces, fc.string({ maxLength: 5 })), { maxLength: 200 })
      .map((all) => ELF + all.join(''));
    fc.assert(
      fc.property(fc.constantFrom(...paths), content, (path, text) => void detect(path, text)),
      { numRuns: 2000 },
    );
    for (const piece of ['\x003.', '00000000\0', 'ruby 3.', '-MariaDB', 'OpenSSL 1.1.1', '1.2.3\0'])
      for (const path of [
        'usr/bin/sqlite3',
        'usr/bin/redis-server',
        'usr/bin/ruby',
        'usr/bin/mysql',
        'usr/bin/openssl',
        'usr/bin/mongod',
      ])
        detect(path, ELF + piece.repeat(300_000));
  });
});
