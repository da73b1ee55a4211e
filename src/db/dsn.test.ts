import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { AppError } from '../errors.ts';
import { type Dsn, parseDsn } from './dsn.ts';

const env = { PGUSER: 'me', PGHOST: 'envhost' };
const at = (host: string, port = 5432) => ({ host, port });

const good: readonly [text: string, want: Partial<Shown>][] = [
  [
    'host=db user=u dbname=d',
    { servers: [at('db')], user: 'u', database: 'd', writable: false, connectTimeout: 10_000 },
  ],
  ['host=db', { user: 'me', database: 'me' }],
  ['', { servers: [at('envhost')], user: 'me', database: 'me' }],
  ["  host = 'db'   port= 6432 ", { servers: [at('db', 6432)] }],
  [
    String.raw`password='it\'s \\ a secret' host=db`,
    { password: String.raw`it's \ a secret`, servers: [at('db')] },
  ],
  [String.raw`password=a\ b\'c`, { password: "a b'c" }],
  ['password= host=db', { password: 'host=db', servers: [at('envhost')] }], // as libpq: blanks after "=" are skipped
  ["host=db dbname=''", { database: 'me' }],
  ['host=a,b,/run/pg port=1,2,3', { servers: [at('a', 1), at('b', 2), at('/run/pg', 3)] }],
  ['host=a,b port=7', { servers: [at('a', 7), at('b', 7)] }],
  ['database=x', { database: 'x' }],
  ['sslmode=verify-full sslrootcert=/ca.pem', { ssl: { mode: 'verify-full', rootCert: '/ca.pem' } }],
  ['sslmode=disable sslcert=c sslkey=k', { ssl: { mode: 'disable', cert: 'c', key: 'k' } }],
  ['connect_timeout=3', { connectTimeout: 3000 }],
  ['application_name=mine', { applicationName: 'mine' }],
  ['target_session_attrs=read-write', { writable: true }],
  ['pool_max_conns=7 pool_min_conns=2 pool_health_check_period=1m', { max: 7 }],
  ['statement_timeout=5s', { options: '-c statement_timeout=5s' }],
  ["options='-c geqo=off' search_path='a, b'", { options: String.raw`-c geqo=off -c search_path=a,\ b` }],
  ['postgres://', { servers: [at('envhost')], user: 'me' }],
  [
    'postgresql://u:p%40ss@h:1/d?sslmode=require',
    { servers: [at('h', 1)], user: 'u', password: 'p@ss', database: 'd', ssl: { mode: 'require' } },
  ],
  ['postgresql://u:a@b@h/d', { user: 'u', password: 'a@b', servers: [at('h')] }],
  ['postgresql://a:1,b,[::1]:3/d', { servers: [at('a', 1), at('b'), at('::1', 3)] }],
  ['postgresql:///d?host=/run/pg&port=9', { servers: [at('/run/pg', 9)], database: 'd' }],
  ['postgresql://%2Frun%2Fpg/d', { servers: [at('/run/pg')] }],
  ['postgresql://h/d?ssl=true', { ssl: { mode: 'require' } }],
  ['postgresql://h/d?application_name=a%20b&pool_max_conns=3', { applicationName: 'a b', max: 3 }],
];

const bad: readonly [text: string, want: RegExp][] = [
  ['base', /cannot be read after its start/],
  ['host', /cannot be read after its start/],
  ["host='unclosed", /cannot be read after its start/],
  ["host=db password='a'b", /cannot be read after host/],
  ['host=db port=abc', /port: expected a number/],
  ['host=db port=0', /port: expected 1 to 65535/],
  ['host=a,b port=1,2,3', /port: 3 ports for 2 hosts/],
  ['sslmode=sure', /sslmode: expected one of disable, allow/],
  ['target_session_attrs=standby', /target_session_attrs/],
  ['connect_timeout=soon', /connect_timeout: expected a number/],
  ['postgresql://h:1:2/d', /host: expected host:port/],
  ['postgresql://h/%zz', /dbname: broken %-encoding/],
  ['postgresql://h/d?nothing', /has no value/],
  ['host=h my-key=1', /not a name/],
];

type Shown = Omit<Dsn, 'password'> & { readonly password?: string };

function shown({ password, ...rest }: Dsn): Shown {
  return { ...rest, ...(password && { password: password.reveal() }) };
}

describe('parseDsn', () => {
  for (const [text, want] of good) {
    it(`reads ${JSON.stringify(text)}`, () => {
      const dsn = shown(parseDsn(text, env));
      for (const [key, value] of Object.entries(want)) assert.deepEqual(dsn[key as keyof Shown], value, key);
    });
  }
  for (const [text, want] of bad) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(
        () => parseDsn(text, env),
        (error) => error instanceof AppError && error.code === 'bad-config' && want.test(error.message),
      );
    });
  }
  it('takes the environment as defaults only', () => {
    const all = {
      ...env,
      PGPORT: '1',
      PGPASSWORD: 'x',
      PGSSLMODE: 'disable',
      PGAPPNAME: 'app',
      PGDATABASE: 'edb',
      PGOPTIONS: '-c a=b',
    };
    assert.deepEqual(shown(parseDsn('port=2 dbname=d', all)), {
      servers: [at('envhost', 2)],
      user: 'me',
      password: 'x',
      database: 'd',
      applicationName: 'app',
      connectTimeout: 10_000,
      ssl: { mode: 'disable' },
      options: '-c a=b',
      writable: false,
    });
  });
  it('never shows a password that was not quoted', () => {
    assert.throws(
      () => parseDsn('host=h password=open sesame', env),
      (error: Error) => !/sesame|open/.test(error.message),
    );
  });
  it('answers any text with a Dsn or a bad-config', () => {
    const text = fc.oneof(
      fc.string(),
      fc.string().map((s) => `postgresql://${s}`),
      fc.array(fc.constantFrom('host', '=', "'", '\\', ' ', 'a', 'port', ',', '1')).map((p) => p.join('')),
    );
    fc.assert(
      fc.property(text, (s) => {
        try {
          parseDsn(s, env);
        } catch (error) {
          assert.ok(error instanceof AppError, String(error));
        }
      }),
      { numRuns: 500 },
    );
  });
  it('reads back what it is given, whatever the characters', () => {
    const quoted = (s: string) => `'${s.replace(/[\\']/g, '\\$&')}'`;
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (password, database) => {
        const pairs = parseDsn(`password=${quoted(password)} dbname = ${quoted(database)}`, env);
        const url = parseDsn(
          `postgresql://u:${encodeURIComponent(password)}@h/${encodeURIComponent(database)}`,
          env,
        );
        for (const dsn of [pairs, url])
          assert.deepEqual([dsn.password?.reveal(), dsn.database], [password, database]);
      }),
    );
  });
});
