/** A service that is configured with every kind of secret, and has used each of them once: a snapshot of its heap has none. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { testDatabase } from '../../src/db/database.fixture.ts';
import { INTRASERVICE, mintBearer } from '../../src/http/auth/tokens.ts';
import { startCollector } from '../../src/introspection/otlp/grpc/collector.fixture.ts';
import { openMailbox } from '../brokers/mailbox.ts';
import { type Broker, rabbitmqServer, startBroker } from '../brokers/rabbitmq.ts';
import { freePort } from '../conformance/service.ts';
import { start } from './run-program.ts';

const isMissing = rabbitmqServer() === undefined;
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const secretOf = (what: string): string => `the-${what}-that-nobody-may-read`;

const KEY = secretOf('key-of-the-tokens-0123456789');
const DATABASE = secretOf('password-of-the-database');
const HOOK_TARGET = secretOf('token-in-the-target');
const HOOK_HEADER = secretOf('header-of-the-webhook');
const HOOK_LIST = secretOf('header-in-a-list');
const TRACES = secretOf('header-of-traces');
const METRICS = secretOf('header-of-metrics');
const PROXY = secretOf('password-of-a-proxy');
const TLS_PROXY = secretOf('password-of-another-proxy');
const REGISTRY = secretOf('password-of-the-registry');

/** Everything that a service asks by HTTP: webhook, registry, key server, collector, and the proxy before two of them. */
async function startOutside() {
  const got: { what: string; headers: IncomingMessage['headers'] }[] = [];
  const server = createServer((incoming, response) => {
    const { url = '', headers } = incoming;
    incoming.resume();
    got.push({ what: `${incoming.method} ${url}`, headers });
    const isRegistry = url.startsWith('/v2/') && headers.authorization === undefined;
    if (isRegistry) response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' });
    else if (url.startsWith('/v2/')) response.writeHead(404);
    response.end();
  });
  server.on('connect', ({ url, headers }, socket) => {
    got.push({ what: `CONNECT ${url}`, headers });
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Waits for a request that begins so, with that header. */
    async saw(what: string, header: string, value: string): Promise<void> {
      const fits = (each: (typeof got)[number]): boolean =>
        each.what.startsWith(what) && String(each.headers[header]).includes(value);
      for (let i = 0; i < 300; i++) {
        if (got.some(fits)) return;
        await sleep(100);
      }
      assert.fail(`no ${what} with ${header}: ${JSON.stringify(got, undefined, 1)}`);
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

describe('the heap of a service', { skip: isMissing && 'rabbitmq-server is not installed' }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'clair-heap-secrets-'));
  let broker: Broker;
  before(async () => void (broker = await startBroker()));
  after(async () => {
    await broker?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  for (const [kind, tracesBy] of [
    ['yaml', 'http'],
    ['json', 'grpc'],
  ] as const) {
    const how = kind === 'yaml' ? 'shared key, plain brokers' : 'key server, brokers by TLS';
    it(`has no secret of its configuration: .${kind}, ${how}, traces by ${tracesBy}`, async () => {
      await using outside = await startOutside();
      await using collector = await startCollector();
      await using database = await testDatabase();
      await using box = await openMailbox(broker, `heap-${kind}`);
      const isPlain = kind === 'yaml';
      const [port, port2] = [await freePort(), await freePort()];
      const { login, passcode } = broker.user;
      const callback = 'http://clair.example/';
      const tls = isPlain ? {} : { tls: broker.tls };
      const connection = { connstring: `${database.dsn} password=${DATABASE}`, migrations: true };
      const http = { endpoint: outside.host, insecure: true };
      const grpc = { endpoint: `127.0.0.1:${collector.port}`, insecure: true };
      const [traces, metrics] = isPlain
        ? [{ http: { ...http, headers: { 'X-Traces': TRACES } } }, { grpc }]
        : [{ grpc: { ...grpc, headers: { 'X-Traces': TRACES } } }, { http }];
      Object.assign(metrics.http ?? metrics.grpc ?? {}, { headers: { 'X-Metrics': METRICS } });
      const config = {
        http_listen_addr: `127.0.0.1:${port}`,
        introspection_addr: `127.0.0.1:${port2}`,
        tls: { cert: broker.tls.cert, key: broker.tls.key },
        indexer: connection,
        matcher: { ...connection, database: { repository: `${outside.host}/a/database` } },
        notifier: {
          ...connection,
          webhook: {
            target: `http://hook.example/hook?token=${HOOK_TARGET}`,
            callback,
            headers: { 'X-Hook-Key': HOOK_HEADER, 'X-Hook-List': [HOOK_LIST] },
          },
          amqp: {
            uris: [
              `${isPlain ? 'amqp' : 'amqps'}://${login}:${encodeURIComponent(passcode)}@${isPlain ? broker.amqp : broker.amqps}/`,
            ],
            exchange: { name: '', type: 'direct' },
            routing_key: box.queue,
            callback,
            ...tls,
          },
          stomp: {
            uris: [isPlain ? broker.stomp : broker.stomps],
            destination: `/queue/${box.queue}`,
            user: { login, passcode },
            callback,
            ...tls,
          },
        },
        auth: isPlain
          ? { psk: { key: base64(KEY), iss: ['quay'] } }
          : { keyserver: { api: 'https://keys.example/', intraservice: base64(KEY) } },
        trace: { name: 'otlp', probability: 1, otlp: traces },
        metrics: { name: 'otlp', otlp: metrics },
      };
      const home = join(folder, kind);
      mkdirSync(home);
      const auths = { [outside.host]: { auth: base64(`me:${REGISTRY}`) } };
      writeFileSync(join(home, 'config.json'), JSON.stringify({ auths }));
      const file = join(home, `clair.${kind}`);
      writeFileSync(file, JSON.stringify(config));
      await using service = start('clair', ['-conf', file], {
        DOCKER_CONFIG: home,
        HTTP_PROXY: `http://me:${PROXY}@${outside.host}`,
        HTTPS_PROXY: `http://me:${TLS_PROXY}@${outside.host}`,
        NO_PROXY: '127.0.0.1',
      });
      await service.waitFor(/"msg":"ready"/);
      await using dispatcher = agentOf(broker.tls.root_ca);
      const ask = async (issuer: string, path: string, method: 'GET' | 'POST', kid?: string) =>
        await request(`https://127.0.0.1:${port}${path}`, {
          dispatcher,
          method,
          headers: { authorization: await tokenOf(issuer, kid) },
        });

      // Each secret is used.
      const tested = await ask(INTRASERVICE, '/notifier/api/v1/internal/test', 'POST');
      const results = ((await tested.body.json()) as { results: { delivered: boolean }[] }).results;
      assert.deepEqual(
        results.map(({ delivered }) => delivered),
        [true, true, true],
        JSON.stringify(results),
      );
      assert.equal((await box.all()).length, 2);
      if (!isPlain) {
        const refused = await ask('quay', '/indexer/api/v1/index_state', 'GET', 'a-key');
        assert.equal(refused.statusCode, 401);
        await refused.body.dump();
        await outside.saw('CONNECT keys.example', 'proxy-authorization', base64(`me:${TLS_PROXY}`));
      }
      await outside.saw('POST http://hook.example/', 'proxy-authorization', base64(`me:${PROXY}`));
      await outside.saw(`POST http://hook.example/hook?token=${HOOK_TARGET}`, 'x-hook-key', HOOK_HEADER);
      await outside.saw('GET /v2/', 'authorization', base64(`me:${REGISTRY}`));
      if (isPlain) await outside.saw('POST /v1/traces', 'x-traces', TRACES);
      for (let i = 0; !isPlain && collector.received.length === 0 && i < 300; i++) await sleep(100);
      if (!isPlain) assert.equal(collector.received[0]?.headers['x-traces'], TRACES);

      const snapshot = await request(`http://127.0.0.1:${port2}/debug/pprof/snapshot`, { dispatcher });
      assert.equal(snapshot.statusCode, 200);
      const text = await snapshot.body.text();
      for (const known of ['x-hook-key', 'X-Traces', box.queue, outside.host]) {
        assert.ok(text.includes(known), `it has what is no secret: ${known}`);
      }
      const pem = readFileSync(broker.tls.key, 'utf8').split('\n')[1]!;
      const texts = [KEY, DATABASE, HOOK_TARGET, HOOK_HEADER, HOOK_LIST, TRACES, METRICS, PROXY, TLS_PROXY];
      const coded = [...texts, `me:${PROXY}`, `me:${TLS_PROXY}`, `me:${REGISTRY}`].map(base64);
      for (const secret of [...texts, ...coded, REGISTRY, passcode, encodeURIComponent(passcode), pem]) {
        const at = text.indexOf(secret);
        assert.equal(at, -1, text.slice(Math.max(0, at - 200), at + 200));
      }
    });
  }
});

function agentOf(authority: string) {
  const agent = new Agent({ connect: { ca: readFileSync(authority) } });
  return Object.assign(agent, { [Symbol.asyncDispose]: () => agent.destroy() });
}

/** `kid`: the token names a key, as those of a key server do. */
async function tokenOf(issuer: string, kid: string | undefined): Promise<string> {
  const token = await mintBearer(Buffer.from(KEY), issuer, new Date());
  if (kid === undefined) return token;
  const [, ...rest] = token.slice('Bearer '.length).split('.');
  const header = Buffer.from(JSON.stringify({ alg: 'RS256', kid })).toString('base64url');
  return `Bearer ${[header, ...rest].join('.')}`;
}
