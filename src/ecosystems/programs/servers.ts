/** Servers, by their bytes: one row each. */
import { after, before, type ProgramRow, whole } from './row.ts';

const NUMBERS = '\\d{1,2}(?:\\.\\d{1,3}){1,3}';

/** Two numbers since 10, three before; `15beta4` is one, too. */
const OF_POSTGRES = '\\d{1,2}(?:\\.\\d{1,2}){0,2}(?:(?:beta|rc|devel)\\d{0,2})?';

export const SERVERS: readonly ProgramRow[] = [
  {
    name: 'redis',
    files: ['redis-server', 'redis-check-rdb', 'redis-check-aof'],
    readings: ['build id', after('Redis version ')],
    unless: ['valkey', 'KeyDB', 'keydb'],
  },
  {
    name: 'valkey',
    files: ['valkey-server', 'valkey-check-rdb', 'valkey-check-aof', 'redis-server'],
    readings: ['build id'],
    needs: ['valkey'],
  },
  {
    name: 'keydb',
    files: ['keydb-server', 'redis-server'],
    readings: ['build id'],
    needs: ['KeyDB', 'keydb'],
  },
  { name: 'memcached', files: ['memcached'], readings: [after('memcached '), after('VERSION ')] },
  { name: 'apache', files: ['httpd', 'apache2'], readings: [after('Apache/')], unless: ['BusyBox v'] },
  {
    name: 'nginx',
    files: ['nginx', 'openresty'],
    readings: [
      after('nginx version: nginx/'),
      {
        literal: 'openresty/',
        before: 0,
        behind: 32,
        version: /^openresty\/(\d{1,2}\.\d{1,2}\.\d{1,2})(?:\.\d{1,2})?(?![\w.])/,
      },
    ],
  },
  {
    name: 'haproxy',
    files: ['haproxy'],
    readings: [
      {
        literal: ' version ',
        before: 0,
        behind: 64,
        version: /^ version (\d\.\d{1,2}(?:\.\d{1,3}|-dev\d{1,3}))(?:[-+][^ \0,]{1,40})?, released/,
      },
      after('HA-Proxy version '),
      before(
        'HAProxy version',
        '(?:-[^\\0]{1,40})?\\0+(?:[^\\0]{1,20}\\0+)?',
        '\\d\\.\\d{1,2}(?:\\.\\d{1,3}|-dev\\d{1,3})',
      ),
    ],
  },
  { name: 'varnish', files: ['varnishd'], readings: [after('varnish-')] },
  { name: 'envoy', files: ['envoy'], readings: [whole('1.', '1\\.(?:[6-9]|[1-9]\\d)\\.\\d{1,2}(?:-dev)?')] },
  { name: 'fluent-bit', files: ['fluent-bit'], readings: [before('Fluent Bit v%s', '\\0+')] },
  { name: 'lighttpd', files: ['lighttpd'], readings: [after('lighttpd/')] },
  { name: 'squid', files: ['squid'], readings: [after('squid/')] },

  {
    name: 'postgresql',
    files: ['postgres'],
    readings: [after('postgres (PostgreSQL) ', OF_POSTGRES), after('PostgreSQL ', OF_POSTGRES)],
  },
  { name: 'percona', files: ['mysqld'], readings: [after('/percona-server-')], needs: ['/percona-server-'] },
  {
    name: 'mariadb',
    files: ['mariadbd', 'mariadb', 'mysqld', 'mysql'],
    readings: [
      // A text of its help has another one: `10.1.1-MariaDB-mariadb1precise-log`.
      {
        literal: '-MariaDB',
        before: 40,
        behind: 80,
        version: new RegExp(`\\0(?:5\\.5\\.5-)?(${NUMBERS})-MariaDB(?:-[^\\0 ]{0,60})?\\0`),
      },
      after('/mariadb-'),
    ],
    needs: ['-MariaDB', 'MariaDB '],
  },
  {
    name: 'mysql',
    files: ['mysqld', 'mysql'],
    readings: [
      after('/mysql-'),
      after('/mysql-cluster-gpl-'),
      {
        literal: 'mysql_real_escape_string',
        before: 300,
        behind: 0,
        version: /\0([589]\.\d{1,2}\.\d{1,3})\0(?!.*\0\d{1,3}\.\d{1,3}\.\d{1,3}\0)/s,
      },
    ],
    unless: ['-MariaDB', 'MariaDB ', '/percona-server-'],
  },
  {
    name: 'mongodb',
    files: ['mongod', 'mongos'],
    readings: ['\0tcmalloc', '\0heap_size', '\0cppdefines'].map((literal) =>
      before(literal, '\\0*', '\\d\\.\\d{1,2}\\.\\d{1,3}'),
    ),
  },
  { name: 'openldap', files: ['slapd'], readings: [after('OpenLDAP: slapd ')] },

  { name: 'bind', files: ['named'], readings: [after('libisc-'), after('libns-')] },
  { name: 'unbound', files: ['unbound'], readings: [after('unbound ')] },
  { name: 'dnsmasq', files: ['dnsmasq'], readings: [after('dnsmasq-')] },
  { name: 'exim', files: ['exim', 'exim4'], readings: [whole('4.', '4\\.\\d{2,3}(?:\\.\\d{1,2})?')] },
  {
    name: 'postfix',
    like: /(?:^|\/)libpostfix-global\.so(?:\.\d+)*$/,
    readings: [after('mail_version\0'), after('mail_version=')],
  },
  { name: 'dovecot', files: ['dovecot'], readings: [after('Dovecot v')] },
  { name: 'proftpd', files: ['proftpd'], readings: [after('ProFTPD Version ')] },
  { name: 'vsftpd', files: ['vsftpd'], readings: [after('(vsFTPd ')] },
  {
    name: 'openssh',
    files: ['sshd', 'ssh'],
    readings: [after('OpenSSH_', `${NUMBERS}p\\d`), after('OpenSSH_', NUMBERS)],
  },
  {
    name: 'mosquitto',
    files: ['mosquitto'],
    readings: [whole('2.', '2\\.\\d{1,2}\\.\\d{1,2}'), whole('1.', '1\\.\\d{1,2}\\.\\d{1,2}')],
  },
  {
    name: 'openvpn',
    files: ['openvpn'],
    readings: [
      { literal: 'OpenVPN 2.', before: 0, behind: 32, version: /^OpenVPN (2\.\d{1,2}(?:\.\d{1,2})?) \w+-/ },
    ],
  },
];
