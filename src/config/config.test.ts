import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { AppError } from '../errors.ts';
import { parseDuration } from '../lib/duration.ts';
import { transportNames } from '../transports/sections.ts';
import { checkMode } from './check-mode.ts';
import type { Mode } from './clair-flags.ts';
import { lintConfig } from './lint-config.ts';
import { loadConfig, parseConfig } from './load-config.ts';

describe('parseDuration', () => {
  const cases: [string, number | undefined][] = [
    ['6h', 21_600_000],
    ['1h30m', 5_400_000],
    ['1.5s', 1500],
    ['250ms', 250],
    ['-2s', -2000],
    ['0', 0],
    ['', undefined],
    ['6', undefined],
    ['6 h', undefined],
    ['h', undefined],
  ];
  for (const [text, want] of cases) {
    it(`reads ${JSON.stringify(text)}`, () => assert.equal(parseDuration(text), want));
  }
});

const read = (text: string) => parseConfig(text, '.yaml', 'c.yaml').config;

describe('a configuration', () => {
  it('has defaults', () => {
    const config = read('');
    assert.equal(config.http_listen_addr, ':6060');
    assert.equal(config.matcher.period, 21_600_000);
    assert.equal(config.matcher.update_retention, 10);
    assert.equal(config.drain_timeout, 10_000);
  });
  it('takes a time to drain, within bounds', () => {
    assert.equal(read('drain_timeout: 2m').drain_timeout, 120_000);
    assert.equal(read('drain_timeout: 0s').drain_timeout, 0);
    assert.throws(
      () => read('drain_timeout: 61m'),
      /drain_timeout: invalid value "61m": expected at most 1h/,
    );
  });
  for (const [given, want] of [
    [-1, 0],
    [0, 10],
    [1, 10],
    [2, 2],
  ]) {
    it(`turns update_retention ${given} into ${want}`, () => {
      assert.equal(read(`matcher: {update_retention: ${given}}`).matcher.update_retention, want);
    });
  }
  it('is what the sample shows', async () => {
    const sample = await readFile(new URL('../../config.yaml.sample', import.meta.url), 'utf8');
    const { config, deprecations } = parseConfig(sample, '.yaml', 'config.yaml.sample');
    assert.equal(config.indexer.migrations, true);
    assert.deepEqual([...deprecations, ...lintConfig(config, 'combo', {})], []);
  });
  it('reads JSON', () => {
    const { config } = parseConfig('{"matcher": {"period": "1h"}}', '.json', 'c.json');
    assert.equal(config.matcher.period, 3_600_000);
  });
  it('reads keys of tokens, and one issuer for a list', () => {
    const { auth } = read('auth: {psk: {key: c2VjcmV0, iss: quay}}');
    assert.deepEqual(auth?.psk, { key: Buffer.from('secret'), iss: ['quay'] });
  });
  it('reads keys in any case, and says so', () => {
    const { config, deprecations } = parseConfig('Matcher: {Update_Retention: 5}', '.yaml', 'c.yaml');
    assert.equal(config.matcher.update_retention, 5);
    assert.deepEqual(deprecations, [
      'c.yaml:1: Matcher: write matcher',
      'c.yaml:1: matcher.Update_Retention: write matcher.update_retention',
    ]);
  });
  it('reads the names of the published sample', () => {
    const { config, deprecations } = parseConfig(
      [
        'matcher:',
        '  updater_sets: [debian]',
        'notifier:',
        '  amqp:',
        '    uris: [amqp://h]',
        '    routing_key: k',
        '    exchange: {type: direct, durable: true}',
        '  stomp: {uris: [h:1], destination: q, login: {login: l, passcode: p}}',
      ].join('\n'),
      '.yaml',
      'c.yaml',
    );
    assert.deepEqual(config.updaters.sets, ['debian']);
    assert.equal(config.notifier?.amqp?.exchange.durability, true);
    const user = config.notifier?.stomp?.user;
    assert.deepEqual([user?.login, user?.passcode.reveal()], ['l', 'p']);
    assert.deepEqual(deprecations, [
      'c.yaml:2: matcher.updater_sets: write updaters.sets',
      'c.yaml:7: notifier.amqp.exchange.durable: write notifier.amqp.exchange.durability',
      'c.yaml:8: notifier.stomp.login: write notifier.stomp.user',
    ]);
  });
});

describe('a mistake', () => {
  const cases: [string, string][] = [
    ['indexer: {constring: x}', 'c.yaml:1: indexer.constring: unknown key: did you mean connstring?'],
    [
      '\nmatcher:\n  period: soon',
      'c.yaml:3: matcher.period: invalid value "soon": expected a duration such as 6h, 90s or 1h30m',
    ],
    [
      'matcher: {period: 60}',
      'c.yaml:1: matcher.period: invalid value 60: expected a duration in quotes, with its unit, such as 6h, 90s or 1h30m',
    ],
    [
      'indexer: {migrations: "yes"}',
      'c.yaml:1: indexer.migrations: invalid value "yes": expected true or false',
    ],
    [
      'log_level: loud',
      'c.yaml:1: log_level: invalid value "loud": expected one of "debug-color", "debug", "info", "warn", "error", "fatal", "panic"',
    ],
    [
      'http_listen_addr: "6060"',
      'c.yaml:1: http_listen_addr: invalid value "6060": expected host:port, e.g. :6060 or 127.0.0.1:6060',
    ],
    [
      'indexer: {layer_scan_concurrency: 1.5}',
      'c.yaml:1: indexer.layer_scan_concurrency: invalid value 1.5: expected a whole number',
    ],
    [
      'indexer: {layer_scan_concurrency: -1}',
      'c.yaml:1: indexer.layer_scan_concurrency: invalid value -1: expected at least 0',
    ],
    [
      'notifier: {webhook: {target: "ftp://me:hush@x/?token=t"}}',
      'c.yaml:1: notifier.webhook.target: invalid value "ftp://[hidden]@x/?token=[hidden]": expected a URL that begins with http:// or https://',
    ],
    ['updaters: {sets: debian}', 'c.yaml:1: updaters.sets: invalid value "debian": expected a list'],
    ['updaters: [1]', 'c.yaml:1: updaters: invalid value [1]: expected keys with values'],
    [
      'auth: {psk: {key: "not base64", iss: [a]}}',
      'c.yaml:1: auth.psk.key: invalid value the value (not shown): expected a key in standard base64 with padding: e.g. what `openssl rand -base64 32` prints',
    ],
    [
      'auth: {psk: {key: c2VjcmV0, iss: []}}',
      'c.yaml:1: auth.psk.iss: invalid value []: expected at least one issuer: e.g. [quay, clairctl]',
    ],
    ['auth: {psk: {iss: [a]}}', 'c.yaml:1: auth.psk.key: missing: expected a key in base64'],
    [
      'notifier: {amqp: {uris: [http://h], routing_key: k, exchange: {type: direct}}}',
      'c.yaml:1: notifier.amqp.uris.0: invalid value "http://h": expected a URL that begins with amqp:// or amqps://',
    ],
    ['tls: {cert: a.pem}', 'c.yaml:1: tls.key: missing: expected given together with cert'],
    ['[1, 2]', 'c.yaml: the file: invalid value [1,2]: expected keys with values'],
    [
      'a: [1',
      'malformed file "c.yaml": line 1, column 6: Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    ['a: 1\na: 2', 'malformed file "c.yaml": line 2, column 1: Map keys must be unique'],
    ['a: 1\n? [x]\n: 2', 'malformed file "c.yaml": line 2: a key is a text, and this is none'],
    ['a: 1\n---\nb: 2', 'malformed file "c.yaml": it has more than one YAML document: keep one'],
  ];
  for (const [text, want] of cases) {
    it(`is told in one line: ${text.trim()}`, () => {
      assert.throws(
        () => read(text),
        (error: AppError) => {
          assert.equal(error.code, 'bad-config');
          assert.equal(error.message, want);
          return true;
        },
      );
    });
  }
  it('is told with all others', () => {
    assert.throws(
      () => read('log_level: x\nfoo: 1\nmatcher: {period: 1}'),
      (error: AppError) => {
        assert.equal(error.message.split('\n').length, 3);
        return true;
      },
    );
  });
  it('knows no key that only every object has', () => {
    for (const text of ['{"toString":false}', '{"matcher":{"constructor":{}}}', '{"__proto__":1}'])
      assert.throws(() => parseConfig(text, '.json', 'c'), { code: 'bad-config' });
  });

  it('never ends in anything but an error of ours', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.json(), fc.string({ unit: fc.constantFrom(...'{}[]:,-&*!|>\n "ab0') })),
        (text) => {
          for (const kind of ['.yaml', '.json'] as const) {
            try {
              parseConfig(text, kind, 'c');
            } catch (error) {
              assert.ok(error instanceof AppError, String(error));
            }
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('drop-ins', () => {
  let dir: string;
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'clair-config-'));
  });
  after(() => rm(dir, { recursive: true }));

  async function load(files: Readonly<Record<string, string>>, name = 'config.yaml') {
    const here = await mkdtemp(join(dir, 'c-'));
    await mkdir(join(here, `${name}.d`));
    for (const [path, text] of Object.entries(files)) await writeFile(join(here, path), text);
    try {
      return (await loadConfig(join(here, name))).config;
    } catch (error) {
      if (error instanceof AppError) error.message = error.message.replaceAll(`${here}/`, '');
      throw error;
    }
  }

  it('are applied in the order of their names; others are left alone', async () => {
    const config = await load({
      'config.yaml':
        'log_level: info\nmatcher: {period: 6h, migrations: true}\nupdaters: {sets: [debian, osv]}',
      'config.yaml.d/20-b.yaml-patch': '[{op: replace, path: /log_level, value: warn}]',
      'config.yaml.d/10-a.yaml':
        'log_level: debug\nmatcher: {period: 1h, migrations: null}\nupdaters: {sets: [alpine]}',
      'config.yaml.d/30-empty.yaml': '',
      'config.yaml.d/40-c.json': '{"log_level": "error"}',
      'config.yaml.d/README': 'nothing',
    });
    assert.equal(config.log_level, 'warn');
    assert.equal(config.matcher.period, 3_600_000);
    assert.equal(config.matcher.migrations, false);
    assert.deepEqual(config.updaters.sets, ['alpine']);
  });
  it('work for JSON as well', async () => {
    const config = await load(
      { 'c.json': '{}', 'c.json.d/a.json-patch': '[{"op": "add", "path": "/log_level", "value": "warn"}]' },
      'c.json',
    );
    assert.equal(config.log_level, 'warn');
  });

  const mistakes: [string, string, string][] = [
    [
      'a.yaml',
      'matcher:\n  period: x',
      'config.yaml.d/a.yaml:2: matcher.period: invalid value "x": expected a duration such as 6h, 90s or 1h30m',
    ],
    ['a.yaml-patch', '', 'config.yaml.d/a.yaml-patch: not a JSON patch: expected a list of operations'],
    [
      'a.yaml-patch',
      'log_level: debug',
      'config.yaml.d/a.yaml-patch: not a JSON patch: expected a list of operations',
    ],
    [
      'a.yaml-patch',
      '\n- {op: test, path: /log_level, value: debug}',
      'config.yaml.d/a.yaml-patch:2: the patch cannot be applied: test /log_level: Test failed: info != debug',
    ],
    [
      'a.yaml-patch',
      '- {op: replace, path: /nowhere/at/all, value: 1}',
      'config.yaml.d/a.yaml-patch:1: the patch cannot be applied: replace /nowhere/at/all: Value required at path: /nowhere/at/all',
    ],
    [
      'a.yaml-patch',
      '- {op: add}',
      'config.yaml.d/a.yaml-patch:1: the patch cannot be applied: an operation needs op and path, e.g. {op: replace, path: /log_level, value: debug}',
    ],
    [
      'a.yaml-patch',
      '- {op: add, path: /__proto__/x, value: 1}',
      'config.yaml.d/a.yaml-patch:1: the patch cannot be applied: path "/__proto__/x" cannot be changed',
    ],
    [
      'a.yaml-patch',
      '- {op: replace, path: /log_level, value: loud}',
      'config.yaml.d/a.yaml-patch:1: log_level: invalid value "loud": expected one of "debug-color", "debug", "info", "warn", "error", "fatal", "panic"',
    ],
  ];
  for (const [name, text, want] of mistakes) {
    it(`are refused: ${JSON.stringify(text)}`, async () => {
      await assert.rejects(
        load({ 'config.yaml': 'log_level: info', [`config.yaml.d/${name}`]: text }),
        (error: Error) => {
          assert.equal(error.message.split('\n')[0], want);
          return true;
        },
      );
    });
  }
  it('cannot add what is no configuration', async () => {
    await assert.rejects(loadConfig('/nowhere/config.yml'), { message: /unknown config kind ".yml"/ });
    await assert.rejects(loadConfig('/nowhere/config.yaml'), {
      message: /error reading file .*not found/i,
    });
  });
});

describe('a mode', () => {
  const cases: [Mode, string, string | undefined][] = [
    ['combo', '', undefined],
    ['indexer', '', undefined],
    [
      'matcher',
      '',
      'matcher.indexer_addr: is missing: mode matcher needs its URL, e.g. http://clair-indexer:6060',
    ],
    ['matcher', 'matcher: {indexer_addr: "http://i"}', undefined],
    [
      'notifier',
      'notifier: {webhook: {target: "http://w"}}',
      'notifier.indexer_addr: is missing: mode notifier needs its URL, e.g. http://clair-indexer:6060\nnotifier.matcher_addr: is missing: mode notifier needs its URL, e.g. http://clair-matcher:6060',
    ],
    [
      'notifier',
      'notifier: {indexer_addr: "http://i", matcher_addr: "http://m"}',
      `notifier: has no delivery target: add ${transportNames()}`,
    ],
    [
      'indexer',
      'auth: {keyserver: {api: "http://k"}}',
      'auth.keyserver.intraservice: is missing: mode indexer needs it to call the other services',
    ],
    ['combo', 'tls: {cert: /nowhere.pem, key: /nowhere.pem}', undefined],
  ];
  for (const [mode, text, want] of cases.slice(0, -1)) {
    it(`${mode} with ${JSON.stringify(text)}`, async () => {
      const checked = checkMode(read(text), mode);
      if (want === undefined) await checked;
      else await assert.rejects(checked, { code: 'bad-config', message: want });
    });
  }
  it('needs the files that are named', async () => {
    await assert.rejects(checkMode(read('tls: {cert: /nowhere.pem, key: /nowhere.key}'), 'combo'), {
      message: /^tls.cert: "\/nowhere.pem" cannot be read: .*\ntls.key: /,
    });
  });
});

describe('lints', () => {
  const cases: [string, string[]][] = [
    ['indexer: {connstring: "host=a"}\nmatcher: {connstring: "postgres://a/b"}', []],
    ['indexer: {connstring: what}\nmatcher: {connstring: "host=a"}', ['indexer.connstring']],
    ['', ['indexer.connstring', 'matcher.connstring']],
    [
      'matcher: {connstring: "host=a", period: 1h, cache_age: 1m, update_retention: -1}\nindexer: {connstring: "host=a"}',
      ['matcher.period', 'matcher.cache_age', 'matcher.update_retention'],
    ],
    [
      'trace: {name: sentry}\nmatcher: {connstring: "host=a"}\nindexer: {connstring: "host=a"}',
      ['trace.name'],
    ],
    [
      'introspection_addr: ""\nmatcher: {connstring: "host=a"}\nindexer: {connstring: "host=a"}\nupdaters: {sets: []}',
      ['introspection_addr', 'updaters.sets'],
    ],
    [
      'notifier: {connstring: "host=a", webhook: {target: "http://a", signed: true}, disable_summary: true, poll_interval: 1h, delivery_interval: 1m}\nmatcher: {connstring: "host=a"}\nindexer: {connstring: "host=a"}',
      [
        'notifier.poll_interval',
        'notifier.delivery_interval',
        'notifier.disable_summary',
        'notifier.webhook.signed',
        'notifier.webhook.callback',
      ],
    ],
    [
      'trace: {name: otlp, otlp: {grpc: {timeout: 0s, service_config: "{}"}, http: {}}}\nmetrics: {name: otlp, otlp: {grpc: {}}}\nmatcher: {connstring: "host=a"}\nindexer: {connstring: "host=a"}',
      ['trace.otlp.http', 'trace.otlp.grpc.service_config', 'trace.otlp.grpc.timeout'],
    ],
    [
      'trace: {name: otlp, otlp: {grpc: {endpoint: "a:1"}}}\nmetrics: {name: otlp}\nmatcher: {connstring: "host=a"}\nindexer: {connstring: "host=a"}',
      ['metrics.otlp'],
    ],
  ];
  for (const [text, keys] of cases) {
    it(`of ${JSON.stringify(text.slice(0, 60))}: ${keys.join(', ') || 'none'}`, () => {
      assert.deepEqual(
        lintConfig(read(text), 'combo', {}).map(({ key }) => key),
        keys,
      );
    });
  }
});
