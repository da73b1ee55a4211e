/** A service that lives on a published database (`matcher.database`): reports, the next day's changes, and who is told of them. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { testDatabase } from '../../src/db/database.fixture.ts';
import { startRegistry, type TestRegistry } from '../../src/image/registry/server.fixture.ts';
import { freePort } from '../conformance/service.ts';
import { digestOf, makeTar } from './make-image.ts';
import { type Running, runToEnd, start } from './run-program.ts';
import { ALPINE, nextDay, startWorld, type World, worldConfig } from './world.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are read as a client without types would
type Json = any;

const LIMIT = 60_000;

describe('a service with matcher.database', () => {
  const open = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'clair-published-service-'));
  const manifest = digestOf('a manifest');
  const told: string[] = [];
  let world: World;
  let registry: TestRegistry;
  let repository = '';
  let address = '';
  let service: Running;
  let source = '';
  let fromService = 0;
  let isPublishing = false;

  before(async () => {
    open.defer(() => rmSync(folder, { recursive: true, force: true }));
    world = open.use(await startWorld());
    registry = open.use(await startRegistry());
    repository = `${registry.host}/team/database`;
    source = open.use(await testDatabase()).dsn;
    watch(() => false);
    const hook = createServer((request, response) => {
      void request.toArray().then((parts) => {
        told.push((JSON.parse(Buffer.concat(parts).toString()) as Json).notification_id);
        response.end();
      });
    }).listen(0, '127.0.0.1');
    await once(hook, 'listening');
    open.defer(() => {
      hook.closeAllConnections();
      hook.close();
    });
    await publish();

    const { dsn } = open.use(await testDatabase());
    address = `http://127.0.0.1:${await freePort()}`;
    const text = worldConfig(world, {
      http_listen_addr: new URL(address).host,
      introspection_addr: `127.0.0.1:${await freePort()}`,
      indexer: { connstring: dsn, migrations: true },
      matcher: {
        ...{ connstring: dsn, migrations: true, disable_enrichment: true },
        database: { repository: [repository] },
      },
      notifier: {
        ...{ connstring: dsn, migrations: true },
        webhook: {
          target: `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`,
          callback: `${address}/notifier/api/v1/notification/`,
        },
      },
    });
    writeFileSync(join(folder, 'service.yaml'), text);
    await begin();
  });
  after(() => open.disposeAsync());

  /** Counts what the service asks of upstream. */
  function watch(next: World['intercept']): void {
    world.intercept = (path, response) => {
      if (!isPublishing && path.startsWith('/secdb/')) fromService++;
      return next(path, response);
    };
  }

  async function begin(): Promise<void> {
    service = open.use(start('clair', ['-conf', join(folder, 'service.yaml'), '-mode', 'combo']));
    await service.waitFor(/published database loaded/);
  }

  /** What upstream says today becomes the newest published database. */
  async function publish(): Promise<void> {
    const config = join(folder, 'source.yaml');
    const layout = join(folder, 'layout');
    writeFileSync(config, worldConfig(world));
    isPublishing = true;
    for (const args of [['update'], ['build', layout]]) {
      const { code, stderr } = await runToEnd(
        'clairctl',
        ['db', args[0]!, '--db', source, ...args.slice(1)],
        {
          CLAIR_CONF: config,
        },
      );
      assert.equal(code, 0, stderr);
    }
    isPublishing = false;
    const pushed = await runToEnd('clairctl', ['db', 'push', layout, repository]);
    assert.equal(pushed.code, 0, pushed.stderr);
  }

  async function found(): Promise<string[]> {
    const answer = await fetch(`${address}/matcher/api/v1/vulnerability_report/${manifest}`);
    const report: Json = await answer.json();
    assert.equal(answer.status, 200, JSON.stringify(report));
    return Object.values<string[]>(report.package_vulnerabilities)
      .flat()
      .map((id) => report.vulnerabilities[id].name);
  }

  async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
    for (const deadline = Date.now() + LIMIT; ; await sleep(100)) {
      const value = await look();
      if (value !== undefined) return value;
      if (Date.now() > deadline) throw new Error(`never: ${what}\n${service.stderr().slice(-4000)}`);
    }
  }

  it('reports from it, and asks no upstream', async () => {
    const blob = gzipSync(makeTar(ALPINE));
    const hash = digestOf(blob);
    world.blobs.set(hash, blob);
    const body = JSON.stringify({
      hash: manifest,
      layers: [{ hash, uri: `${world.address}/blobs/${hash}` }],
    });
    const posted = await fetch(`${address}/indexer/api/v1/index_report`, { method: 'POST', body });
    assert.equal(posted.status, 201, await posted.text());
    assert.deepEqual(await found(), ['CVE-2099-0001']);
    assert.equal(fromService, 0);
  });

  it('takes the next one when it is asked to, and tells of what changed', async () => {
    nextDay(world);
    watch(world.intercept);
    await publish();
    service.child.kill('SIGUSR1');
    await until('the report of the next day', async () => {
      const names = await found();
      return names.join() === 'CVE-2099-0007' ? names : undefined;
    });
    // A notifier polls when it starts, and then each minute at most often.
    await service[Symbol.asyncDispose]();
    await begin();
    assert.match(service.stderr(), /published database loaded.*"updated":0,"unchanged":1/, 'it is here');
    const id = await until('the webhook', async () => told[0]);
    const answer = await fetch(`${address}/notifier/api/v1/notification/${id}?page_size=100`);
    const { notifications } = (await answer.json()) as Json;
    const said = notifications.map(({ manifest, reason, vulnerability }: Json) => [
      ...[manifest, reason, vulnerability.name],
    ]);
    assert.deepEqual(said.sort(), [
      [manifest, 'added', 'CVE-2099-0007'],
      [manifest, 'removed', 'CVE-2099-0001'],
    ]);
    assert.equal(fromService, 0);
  });

  it('stays with what it has while there is nothing to be had, and says so', async () => {
    registry.manners.special = (_, response) => {
      response.writeHead(500).end();
      return true;
    };
    service.child.kill('SIGUSR1');
    await service.waitFor(/published database could not be loaded/);
    assert.deepEqual(await found(), ['CVE-2099-0007']);
  });
});
