/** docker-compose.yaml and what it mounts: whole, and what our programs take. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { parse } from 'yaml';
import { checkMode } from '../../src/config/check-mode.ts';
import type { Mode } from '../../src/config/clair-flags.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { parseDsn } from '../../src/db/dsn.ts';
import { freePort } from '../conformance/service.ts';
import { ROOT } from '../imports.ts';

interface Service {
  readonly container_name: string;
  readonly image: string;
  readonly profiles?: readonly string[];
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, unknown>>;
}

const here = (path: string): string => join(ROOT, path);
const text = readFileSync(here('docker-compose.yaml'), 'utf8');
const compose = parse(text, { merge: true }) as {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
};
const services = Object.entries(compose.services);

describe('docker-compose.yaml', () => {
  const folder = mkdtempSync(join(tmpdir(), 'clair-compose-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('has the services of the guides, under their names', () => {
    const always = services.filter(([, { profiles }]) => profiles === undefined).map(([name]) => name);
    assert.deepEqual(always.sort(), [
      'clair-database',
      'indexer',
      'matcher',
      'notifier',
      'traefik',
      'webhook-target',
    ]);
    const profiles = new Set(services.flatMap(([, service]) => service.profiles ?? []));
    assert.deepEqual([...profiles].sort(), ['brokers', 'combo', 'metrics', 'traces']);
    for (const [name, { container_name: container }] of services) {
      assert.equal(container, name.startsWith('clair-') ? name : `clair-${name}`);
    }
    for (const mode of ['indexer', 'matcher', 'notifier']) {
      assert.equal(compose.services[mode]?.environment?.CLAIR_MODE, mode);
    }
  });

  it('mounts what there is, and starts what there is', () => {
    for (const [name, { volumes = [], depends_on: needs = {}, image }] of services) {
      for (const volume of volumes) {
        const [source = ''] = volume.split(':');
        const isThere = source.startsWith('./') ? existsSync(here(source)) : source in compose.volumes;
        assert.ok(isThere, `${name}: ${source}`);
      }
      for (const other of Object.keys(needs)) assert.ok(other in compose.services, `${name}: ${other}`);
      assert.match(image, /:[^:}]+}?$/, `${name}: which release?`);
    }
  });

  it('lets nobody in from other machines unless told', () => {
    for (const [name, { ports = [] }] of services) {
      for (const port of ports) assert.ok(/^\$\{CLAIR_BIND:-127\.0\.0\.1\}:/.test(port), `${name}: ${port}`);
    }
  });

  for (const [file, modes] of [
    ['config.yaml', ['indexer', 'matcher', 'notifier']],
    ['combo.yaml', ['combo']],
  ] as const) {
    it(`has a configuration that ${modes.join(', ')} can start with: ${file}`, async () => {
      const { config, deprecations } = await loadConfig(here(`deploy/compose/config/${file}`));
      assert.deepEqual(deprecations, []);
      for (const mode of modes) await checkMode(config, mode as Mode);
      const sql = readFileSync(here('deploy/compose/clair-database/init.sql'), 'utf8');
      const { indexer, matcher, notifier } = config;
      for (const { connstring } of [indexer, matcher, ...(notifier ? [notifier] : [])]) {
        const dsn = parseDsn(connstring.reveal(), {});
        assert.equal(dsn.servers[0]?.host, compose.services['clair-database']?.container_name);
        assert.match(sql, new RegExp(`^create database ${dsn.database} owner ${dsn.user};$`, 'm'));
      }
      const hosts = services.map(([, { container_name: name }]) => name);
      const urls = [
        matcher.indexer_addr,
        notifier?.indexer_addr,
        notifier?.matcher_addr,
        notifier?.webhook?.target.reveal(),
        config.harbor.matcher_addr,
      ];
      for (const url of urls.filter(Boolean))
        assert.ok(hosts.includes(new URL(String(url)).hostname), String(url));
    });
  }

  it('has drop-ins that fit', async () => {
    const config = join(folder, 'config');
    cpSync(here('deploy/compose/config'), config, { recursive: true });
    mkdirSync(join(config, 'config.yaml.d'), { recursive: true });
    for (const name of ['traces.yaml', 'brokers.yaml', 'airgap.yaml']) {
      copyFileSync(here(`deploy/compose/${name}`), join(config, 'config.yaml.d', name));
    }
    const { config: read } = await loadConfig(join(config, 'config.yaml'));
    await checkMode(read, 'notifier');
    assert.deepEqual([read.indexer.airgap, read.matcher.disable_updaters], [true, true]);
    assert.equal(read.trace?.otlp?.http?.endpoint, 'clair-jaeger:4318');
    assert.equal(read.notifier?.webhook ?? undefined, undefined);
    const definitions = JSON.parse(readFileSync(here('deploy/compose/rabbitmq/definitions.json'), 'utf8'));
    assert.equal(definitions.exchanges[0].name, read.notifier?.amqp?.exchange.name);
    assert.equal(definitions.exchanges[0].durable, read.notifier?.amqp?.exchange.durability);
    assert.equal(definitions.bindings[0].routing_key, read.notifier?.amqp?.routing_key);
  });

  it('has a receiver of notifications that tells what it gets', async () => {
    const port = await freePort();
    const script = readFileSync(here('deploy/compose/webhook-target.mjs'), 'utf8').replace(
      '8080',
      String(port),
    );
    const file = join(folder, 'webhook-target.mjs');
    writeFileSync(file, script);
    const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const said = once(child.stdout.setEncoding('utf8'), 'data');
      const post = (): Promise<Response> =>
        fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: '{"a":1}' });
      const answer = await post().catch(async () => {
        await new Promise((done) => setTimeout(done, 1000));
        return await post();
      });
      assert.equal(answer.status, 200);
      assert.equal(JSON.parse(String((await said)[0])).body, '{"a":1}');
    } finally {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
  });
});
