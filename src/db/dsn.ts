/** Reads libpq connection strings, `key=value` and `postgresql://`, with the PG* environment as defaults. */
import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { AppError } from '../errors.ts';
import { Secret } from '../lib/secret.ts';

const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;

export type SslMode = (typeof SSL_MODES)[number];

/** Where a server listens; a host with a leading slash is the directory of a unix socket. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

/** What a connection string says, with every default filled in. */
export interface Dsn {
  /** In the order in which they are tried. */
  readonly servers: readonly ServerAddress[];
  readonly user: string;
  readonly password?: Secret;
  readonly database: string;
  readonly applicationName?: string;
  /** Milliseconds; 0 waits for ever. */
  readonly connectTimeout: number;
  readonly ssl: {
    readonly mode: SslMode;
    readonly rootCert?: string;
    readonly cert?: string;
    readonly key?: string;
  };
  /** Command-line options for the server process, `-c name=value …`. */
  readonly options?: string;
  /** Skip servers that are read-only (`target_session_attrs`). */
  readonly writable: boolean;
  /** `pool_max_conns` */
  readonly max?: number;
}

// libpq: "Environment Variables"
const ENVIRONMENT: Readonly<Record<string, string>> = {
  host: 'PGHOST',
  hostaddr: 'PGHOSTADDR',
  port: 'PGPORT',
  dbname: 'PGDATABASE',
  user: 'PGUSER',
  password: 'PGPASSWORD',
  application_name: 'PGAPPNAME',
  connect_timeout: 'PGCONNECT_TIMEOUT',
  sslmode: 'PGSSLMODE',
  sslrootcert: 'PGSSLROOTCERT',
  sslcert: 'PGSSLCERT',
  sslkey: 'PGSSLKEY',
  options: 'PGOPTIONS',
  target_session_attrs: 'PGTARGETSESSIONATTRS',
};

/** Keys of libpq and of Go's driver that mean nothing to this one. */
const IGNORED = new Set([
  'fallback_application_name', 'passfile', 'service', 'servicefile', 'sslcompression', 'sslsni', 'sslcrl',
  'sslpassword', 'ssl_min_protocol_version', 'ssl_max_protocol_version', 'channel_binding', 'gssencmode',
  'krbspn', 'krbsrvname', 'gsslib', 'require_auth', 'keepalives', 'keepalives_idle', 'keepalives_interval',
  'keepalives_count', 'tcp_user_timeout', 'load_balance_hosts', 'client_encoding', 'statement_cache_capacity',
  'description_cache_capacity', 'default_query_exec_mode', 'prefer_simple_protocol', 'statement_cache_mode',
]); // biome-ignore format: a table

/** Parses `text`; '' takes everything from `env`. Throws `bad-config` naming the key, never a value of it. */
export function parseDsn(text: string, env: NodeJS.ProcessEnv = process.env): Dsn {
  const isUrl = /^postgres(ql)?:\/\//.test(text);
  // Copies: values that are slices of the text would keep all of it in memory, and the password with it.
  const given = structuredClone(isUrl ? readUrl(text) : readPairs(text));
  if (given.has('database')) given.set('dbname', given.get('database')!); // as Go's driver spells it
  given.delete('database');

  const value = (key: string): string | undefined =>
    given.get(key) || env[ENVIRONMENT[key] ?? ''] || undefined;
  const user = value('user') ?? userInfo().username;
  const password = value('password');
  const mode = value('sslmode') ?? 'prefer';
  if (!SSL_MODES.includes(mode as SslMode)) throw wrong(`sslmode: expected one of ${SSL_MODES.join(', ')}`);
  const attributes = value('target_session_attrs') ?? 'any';
  if (!['any', 'read-write', 'primary'].includes(attributes)) {
    throw wrong(
      'target_session_attrs: expected any, read-write or primary, because Clair writes to the database',
    );
  }
  const options = [value('options'), ...runtimeParameters(given)]
    .filter((part) => part !== undefined)
    .join(' ');
  return {
    servers: readServers(value('hostaddr') ?? value('host') ?? defaultHost(), value('port') ?? '5432'),
    user,
    database: value('dbname') ?? user,
    connectTimeout: 1000 * readNumber('connect_timeout', value('connect_timeout') ?? '10'),
    ssl: {
      mode: mode as SslMode,
      ...optional('rootCert', value('sslrootcert')),
      ...optional('cert', value('sslcert')),
      ...optional('key', value('sslkey')),
    },
    writable: attributes !== 'any',
    ...(password !== undefined && { password: new Secret(password) }),
    ...optional('applicationName', value('application_name')),
    ...optional('options', options === '' ? undefined : options),
    ...(given.has('pool_max_conns') && { max: readNumber('pool_max_conns', given.get('pool_max_conns')!) }),
  };
}

/** `dsn` of another database on the same server: later settings win, in both forms. */
export function withDatabase(dsn: string, name: string): string {
  if (!/^postgres(ql)?:/.test(dsn)) return `${dsn} dbname=${name}`;
  return `${dsn}${dsn.includes('?') ? '&' : '?'}dbname=${name}`;
}

function wrong(reason: string): AppError {
  return new AppError('bad-config', `connection string: ${reason}`);
}

function optional<K extends string>(key: K, value: string | undefined): { readonly [P in K]?: string } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: string };
}

function readNumber(key: string, text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw wrong(`${key}: expected a number`);
  return Number(text);
}

// libpq: without a host, the socket directory it was built with, else localhost
function defaultHost(): string {
  return existsSync('/var/run/postgresql') ? '/var/run/postgresql' : 'localhost';
}

function readServers(hosts: string, ports: string): ServerAddress[] {
  const hostList = hosts.split(',');
  const portList = ports.split(',');
  if (portList.length !== 1 && portList.length !== hostList.length) {
    throw wrong(`port: ${portList.length} ports for ${hostList.length} hosts`);
  }
  return hostList.map((host, index) => {
    const port = readNumber('port', portList[portList.length === 1 ? 0 : index] || '5432');
    if (port < 1 || port > 65_535) throw wrong('port: expected 1 to 65535');
    return { host: host || defaultHost(), port };
  });
}

/** Other keys are settings of the session, as Go's driver takes them (`search_path=…`, `statement_timeout=…`). */
function* runtimeParameters(given: ReadonlyMap<string, string>): Generator<string> {
  for (const [key, value] of given) {
    if (key in ENVIRONMENT || IGNORED.has(key) || key.startsWith('pool_')) continue;
    if (!/^[a-z_][a-z0-9_.]*$/i.test(key))
      throw wrong('a key is not a name (quote values that contain spaces)');
    yield `-c ${key}=${value.replace(/[\\\s]/g, '\\$&')}`;
  }
}

/** `key = 'quoted \' value' key=plain` */
function readPairs(text: string): Map<string, string> {
  const pairs = new Map<string, string>();
  const pair =
    /\s*([^\s=]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'(?=\s|$)|((?:[^\s'\\]|\\.)(?:[^\s\\]|\\.)*)?(?=\s|$))/sy;
  const end = text.trimEnd().length;
  let last = 'its start';
  while (pair.lastIndex < end) {
    const match = pair.exec(text);
    // What could not be read may be the rest of a password: say where it is, not what it is.
    if (match === null)
      throw wrong(`cannot be read after ${last} (values with spaces need quotes: key='a value')`);
    pairs.set(match[1]!, (match[2] ?? match[3] ?? '').replace(/\\(.)/gs, '$1'));
    last = match[1]!;
  }
  return pairs;
}

/** `postgresql://user:password@host:port,host:port/dbname?key=value` */
function readUrl(text: string): Map<string, string> {
  const match = /^postgres(?:ql)?:\/\/(?:([^/?#]*)@)?([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/.exec(text);
  if (match === null)
    throw wrong('not a URL of the form postgresql://user:password@host:port/dbname?key=value');
  const [, credentials = '', authority = '', database = '', query = ''] = match;
  const pairs = new Map<string, string>();
  const set = (key: string, value: string) => value !== '' && pairs.set(key, decode(key, value));

  const colon = credentials.indexOf(':');
  set('user', colon < 0 ? credentials : credentials.slice(0, colon));
  if (colon >= 0) set('password', credentials.slice(colon + 1));
  const servers = authority.split(',').map((server) => /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(server));
  if (servers.includes(null)) throw wrong('host: expected host:port, or [address]:port for IPv6');
  const hosts = servers.map((server) => server![1]!.replace(/^\[(.*)\]$/, '$1'));
  const ports = servers.map((server) => server![2] ?? '');
  if (hosts.some((host) => host !== '')) set('host', hosts.join(','));
  if (ports.some((port) => port !== '')) set('port', ports.map((port) => port || '5432').join(','));
  set('dbname', database);

  for (const parameter of query.split('&')) {
    if (parameter === '') continue;
    const equals = parameter.indexOf('=');
    if (equals < 1) throw wrong('a parameter of the URL has no value (key=value)');
    const key = decode('a parameter', parameter.slice(0, equals));
    if (key === 'ssl' && parameter.endsWith('=true')) pairs.set('sslmode', 'require');
    else set(key, parameter.slice(equals + 1));
  }
  return pairs;
}

function decode(key: string, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw wrong(`${key}: broken %-encoding`);
  }
}
