import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { checkMode } from './check-mode.ts';
import type { Mode } from './clair-flags.ts';
import { loadConfig } from './load-config.ts';

const folder = mkdtempSync(join(tmpdir(), 'leave-out-'));
after(() => rmSync(folder, { recursive: true }));

/** Of a file with `text`: what the service says when it starts in `mode`, without the names of folders. */
async function startOf(
  text: string,
  mode: Mode = 'combo',
): Promise<{ leftOut: string[]; targets: string[] }> {
  const file = join(folder, 'c.yaml');
  writeFileSync(file, text);
  const { config, leftOut } = await loadConfig(file, mode);
  await checkMode(config, mode);
  const { webhook, amqp, stomp } = config.notifier ?? {};
  const targets = Object.entries({ webhook, amqp, stomp }).flatMap(([name, target]) =>
    target ? [name] : [],
  );
  return { leftOut: leftOut.map((line) => line.replace(`${folder}/`, '')), targets };
}

// The shape of the published samples from 4.0 on, in our words.
const SAMPLE = `http_listen_addr: localhost:6060
introspection_addr: localhost:8089
log_level: debug
indexer:
  connstring: host=db port=5432 user=u dbname=d sslmode=disable
  scanlock_retry: 10
  layer_scan_concurrency: 5
  migrations: true
matcher:
  indexer_addr: "localhost:8080"
  connstring: host=db port=5432 user=u dbname=d sslmode=disable
  max_conn_pool: 100
  run: ""
  migrations: true
  updater_sets: [alpine, rhel]
matchers: {names: [alpine-matcher, rhel], config: {}}
notifier:
  indexer_addr: http://indexer:8080/
  matcher_addr: http://matcher:8080/
  connstring: host=db port=5432 user=u dbname=d sslmode=disable
  migrations: true
  delivery_interval: 1m
  poll_interval: 5m
  webhook: {target: "http://hook/", callback: "http://notifier/notifier/api/v1/notification"}
  amqp:
    exchange: {name: "", type: direct, durable: true, auto_delete: false}
    uris: ["amqp://user:pass@broker:5672/vhost"]
    direct: false
    routing_key: r
    callback: "http://notifier/notifier/api/v1/notification"
    tls: {root_ca: "some/ca", cert: "some/cert", key: "some/key"}
  stomp:
    desitnation: q
    direct: false
    callback: "http://notifier/notifier/api/v1/notification"
    login: {login: u, passcode: p}
trace: {name: jaeger, probability: 1, jaeger: {agent: {endpoint: "localhost:6831"}, service_name: clair}}
metrics: {name: prometheus}
`;

describe('a published sample', () => {
  it('starts in mode combo, and says with file and line what is left out', async () => {
    const { leftOut, targets } = await startOf(SAMPLE);
    assert.deepEqual(targets, ['webhook']);
    assert.deepEqual(
      leftOut.map((line) => line.replace(/: (?:file|ENOENT).*/, '')),
      [
        'c.yaml:13: matcher.run: has no effect in Clair v4 and is omitted',
        'c.yaml:10: matcher.indexer_addr: is not a URL and is omitted: mode combo does not use it',
        'c.yaml:32: notifier.stomp: is omitted, nothing is delivered there: without uris it cannot work',
        'c.yaml:25: notifier.amqp: is omitted, nothing is delivered there: "some/cert" cannot be read',
      ].map((line) =>
        line.replace('"some/cert"', leftOut.at(-1)!.includes('"some/ca"') ? '"some/ca"' : '"some/cert"'),
      ),
    );
  });

  const cases: [string, string, Mode, string[]][] = [
    [
      'what Quay writes for none',
      'http_listen_addr: ""\nauth: {}\nmatcher: {indexer_addr: "", update_retention: 0}',
      'combo',
      [],
    ],
    [
      'an address that another mode asks',
      'notifier: {indexer_addr: "i:1", matcher_addr: m, webhook: {target: "http://h/"}}',
      'matcher',
      [],
    ],
    ['the only target, without its brokers', 'notifier: {stomp: {destination: q}}', 'combo', []],
    [
      'files of a target that this mode does not deliver to',
      'notifier: {amqp: {uris: ["amqp://h"], routing_key: k, exchange: {type: direct}, tls: {cert: /no, key: /no}}}',
      'indexer',
      ['amqp'],
    ],
  ];
  for (const [what, text, mode, targets] of cases) {
    it(`${what}: starts`, async () => {
      const addresses = mode === 'matcher' ? '\nmatcher: {indexer_addr: "http://i:1"}' : '';
      const found = await startOf(`${text}${addresses}`, mode);
      if (mode !== 'matcher') assert.deepEqual(found.targets, targets);
    });
  }
});

describe('what stays a mistake', () => {
  const cases: [string, string, Mode, RegExp][] = [
    ['a tab', 'indexer:\n\tconnstring: x', 'combo', /line 2.*Tabs are not allowed/],
    [
      'a key of auth',
      'auth: {psk: {key: c2VjcmV0, iss: [quay], kye: x}}',
      'combo',
      /c\.yaml:1: auth\.psk\.kye/,
    ],
    ['auth without its key', 'auth: {psk: {iss: [quay]}}', 'combo', /auth\.psk\.key: missing/],
    [
      'an address that this mode asks',
      'matcher: {indexer_addr: "localhost:8080"}',
      'matcher',
      /c\.yaml:1: matcher\.indexer_addr/,
    ],
    [
      'a wrong value in a target',
      'notifier: {stomp: {uris: ["no port"], destination: q}}',
      'combo',
      /notifier\.stomp\.uris/,
    ],
    [
      'the only target, with a file that is not there',
      'notifier: {amqp: {uris: ["amqp://h"], routing_key: k, exchange: {type: direct}, tls: {cert: /no, key: /no}}}',
      'combo',
      /notifier\.amqp\.tls\.cert|notifier\.amqp\.cert/,
    ],
    [
      'no target that works, in mode notifier',
      'notifier: {indexer_addr: "http://i", matcher_addr: "http://m", stomp: {destination: q}}',
      'notifier',
      /has no delivery target/,
    ],
    [
      'a file of Clair v2',
      'clair:\n  database: {type: pgsql, options: {source: "host=db"}}\n  api: {port: 6060}',
      'combo',
      /c\.yaml:1: clair: this is a configuration of Clair v2\..*migrate-from-clair/,
    ],
  ];
  for (const [what, text, mode, message] of cases) {
    it(what, async () => {
      await assert.rejects(startOf(text, mode), { code: 'bad-config', message });
    });
  }
});

// Those of Clair are not ours: a folder of them, as released, if there is one.
const SAMPLES = process.env.CLAIR_CONFIG_SAMPLES ?? '../shared/corpus/configurations';
const files = ((): string[] => {
  try {
    return readdirSync(SAMPLES).filter((name) => name.endsWith('.yaml'));
  } catch {
    return [];
  }
})();

describe('every configuration that Clair shipped', {
  skip: files.length === 0 && `no files in ${SAMPLES}`,
}, () => {
  for (const name of files) {
    it(name, async () => {
      const text = readFileSync(join(SAMPLES, name), 'utf8').replace(/(\bconnstring:).*/g, '$1 host=db');
      const isYaml = !/^\t/m.test(text);
      if (isYaml) await startOf(text);
      else await assert.rejects(startOf(text), { code: 'bad-config', message: /Tabs are not allowed/ });
    });
  }
});
