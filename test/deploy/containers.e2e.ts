/**
 * The container image as it is deployed apart: two of each service as an ordinary user with a read-only root, Debian's
 * PostgreSQL, a load balancer with Traefik's routing table; replicas are killed and replaced while requests run.
 * Not part of `npm test`: deploy/test/run.sh makes the image and runs it.
 */
import assert from 'node:assert/strict';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseAllDocuments, stringify } from 'yaml';
import { startRegistry, type TestRegistry } from '../../src/image/registry-server.fixture.ts';
import { freePort } from '../conformance/service.ts';
import { until } from '../e2e/deployment.ts';
import { writeOciLayout } from '../e2e/make-image.ts';
import { ALPINE, startWorld, type World } from '../e2e/world.ts';
import { ROOT } from '../imports.ts';
import { CTL_IMAGE, hasImage, IMAGE, podman, processOf, runArguments } from './container.ts';
import { startDebianPostgres } from './debian-postgres.ts';
import { type Backend, haproxyConfig, startHaproxy } from './haproxy.ts';
import { readTraefikFile } from './traefik-routes.ts';

const SERVICES = ['indexer', 'matcher', 'notifier'];
const CLIENTS = 4;
const PREFIX = `clair-test-${process.pid}`;

describe('three services in containers', {
  skip: !hasImage(IMAGE) && `needs podman and ${IMAGE}`,
  timeout: 600_000,
}, () => {
  const open = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'clair-deploy-'));
  const replicas: Backend[] = [];
  let world: World;
  let registry: TestRegistry;
  let address = '';
  let databasePort = 0;
  let image = '';

  before(async () => {
    chmodSync(folder, 0o755);
    open.defer(() => rmSync(folder, { recursive: true, force: true }));
    world = open.use(await startWorld());
    registry = open.use(await startRegistry());
    writeOciLayout(join(folder, 'layout'), [ALPINE]);
    registry.content.pushLayout('team/app', join(folder, 'layout'));
    image = `${registry.host}/team/app:latest`;
    databasePort = await freePort();
    const postgres = startDebianPostgres(databasePort);
    open.defer(() => postgres[Symbol.dispose]());
    const port = await freePort();
    address = `http://127.0.0.1:${port}`;
    for (const service of SERVICES) {
      for (const n of [1, 2]) {
        const [own, introspectionPort] = [await freePort(), await freePort()];
        const replica = { service, name: `${PREFIX}-${service}-${n}`, port: own, introspectionPort };
        writeConfig(replica);
        replicas.push(replica);
      }
    }
    open.defer(
      async () => void (await podman('rm', '--force', '--ignore', ...replicas.map(({ name }) => name))),
    );
    open.use(startHaproxy(join(folder, 'haproxy.cfg'), haproxyConfig(port, readTraefikFile(), replicas)));
    await Promise.all(replicas.map((replica) => run(replica)));
    await until('the feeds are loaded', async () => (await reportStatus()) !== 202);
  });
  after(() => open.disposeAsync());

  /** The configuration of deploy/compose, and a drop-in that says where things are on this host. */
  function writeConfig({ name, port, introspectionPort }: Backend): void {
    const config = join(folder, name);
    cpSync(join(ROOT, 'deploy/compose/config'), config, { recursive: true });
    mkdirSync(join(config, 'config.yaml.d'), { recursive: true });
    const connstring = (database: string): string =>
      `host=127.0.0.1 port=${databasePort} user=clair dbname=${database} sslmode=disable`;
    const here = {
      http_listen_addr: `127.0.0.1:${port}`,
      introspection_addr: `127.0.0.1:${introspectionPort}`,
      indexer: { connstring: connstring('indexer') },
      matcher: { connstring: connstring('matcher'), indexer_addr: address, disable_enrichment: true },
      notifier: { connstring: connstring('notifier'), indexer_addr: address, matcher_addr: address },
      updaters: { sets: ['alpine'], config: { alpine: { url: `${world.address}/secdb/` } } },
    };
    writeFileSync(join(config, 'config.yaml.d', '50-here.yaml'), stringify(here));
  }

  /** Starts it; gives the ms until it is ready. */
  async function run({ service, name, introspectionPort }: Backend): Promise<number> {
    await podman('rm', '--force', '--ignore', name);
    const health = `http://127.0.0.1:${introspectionPort}`;
    const began = performance.now();
    await podman(
      ...runArguments('--detach', '--name', name, '--env', `CLAIR_MODE=${service}`),
      ...['--env', `CLAIR_HEALTH_URL=${health}/healthz`, '--volume', `${join(folder, name)}:/config:ro`],
      ...[IMAGE, '-config=/config/config.yaml'],
    );
    await until(`${name} is ready`, () =>
      fetch(`${health}/readyz`).then(
        ({ status }) => status === 200,
        () => false,
      ),
    );
    return performance.now() - began;
  }

  const clairctl = (...args: string[]): Promise<string> =>
    podman(...runArguments('--rm', '--entrypoint', '/usr/bin/clairctl'), IMAGE, ...args);

  async function reportStatus(): Promise<number> {
    const path = `/matcher/api/v1/vulnerability_report/sha256:${'0'.repeat(64)}`;
    return (await fetch(address + path)).status;
  }

  it('reports an image through the load balancer', async () => {
    const text = await clairctl('report', '--host', address, '--no-local', image);
    assert.match(text, /found teapot +1\.0-r0 +CVE-2099-0001 +\(fixed: 1\.1-r0\)/);
  });

  it('run as nobody, with a root that cannot be written, and get the signals themselves', async () => {
    for (const { name } of replicas) {
      const { command, uid, resident } = await processOf(name);
      assert.equal(uid, 65_534);
      assert.match(command, /^\/usr\/local\/bin\/node .*main\.mjs -config=/);
      console.log(`${name}: ${Math.round(resident / 1e6)} MB`);
      await assert.rejects(podman('exec', name, 'touch', '/usr/share/clair/x'), /Read-only file system/);
      await podman('exec', name, '/usr/bin/clair-health');
    }
  });

  it("migrate and load feeds as the chart's Job and init container do", async () => {
    const manifests = parseAllDocuments(readFileSync(join(ROOT, 'deploy/kubernetes/airgapped.yaml'), 'utf8'));
    const maps = manifests.map((document) => document.toJS()).filter((each) => each?.data?.['config.yaml']);
    const config = join(folder, 'airgapped');
    mkdirSync(config);
    const text = String(maps[0].data['config.yaml']).replaceAll('sslmode=require', 'sslmode=disable');
    writeFileSync(join(config, 'config.yaml'), text);
    const feeds = join(folder, 'feeds');
    mkdirSync(feeds);
    chmodSync(feeds, 0o777);
    const inJob = (more: string[], ...args: string[]): Promise<string> =>
      podman(
        ...runArguments(
          '--rm',
          '--entrypoint',
          '/usr/bin/clairctl',
          '--volume',
          `${config}:/config:ro`,
          ...more,
        ),
        ...['PGHOST=127.0.0.1', `PGPORT=${databasePort}`, 'PGUSER=clair', 'PGPASSWORD=none'].flatMap(
          (each) => ['--env', each],
        ),
        ...[IMAGE, ...args],
      );
    assert.match(await inJob([], 'admin', 'migrate', '--indexer', '--matcher'), /matcher: ran/);
    assert.match(await inJob([], 'admin', 'migrate', '--indexer', '--matcher'), /matcher: up to date/);

    const outside = join(folder, replicas[0]!.name);
    const mounts = ['--volume', `${outside}:/outside:ro`, '--volume', `${feeds}:/feeds`];
    const file = '/feeds/clair.json.zst';
    await inJob(mounts, 'export-updaters', '--config', '/outside/config.yaml', file);
    const told = await inJob(['--volume', `${feeds}:/feeds:ro`], 'db', 'import', file);
    assert.match(told, /^1 feeds imported \(2 records\)/);
  });

  it('lose no request while a replica of each is killed, and another stopped, and they are replaced', async () => {
    const manifest = JSON.parse(await clairctl('manifest', image)) as { hash: string };
    const stop = new AbortController();
    const failures: string[] = [];
    let answers = 0;
    const calls: [string, RequestInit][] = [
      [`/indexer/api/v1/index_report/${manifest.hash}`, {}],
      [`/matcher/api/v1/vulnerability_report/${manifest.hash}`, {}],
      ['/indexer/api/v1/index_report', { method: 'POST', body: JSON.stringify(manifest) }],
      ['/indexer/api/v1/index_state', {}],
    ];
    const client = async (): Promise<void> => {
      for (let n = 0; !stop.signal.aborted; n++) {
        const [path, init] = calls[n % calls.length]!;
        try {
          const answer = await fetch(address + path, { ...init, signal: AbortSignal.timeout(30_000) });
          const body = await answer.text();
          if (answer.ok) answers++;
          else failures.push(`${answer.status} ${path}: ${body.slice(0, 300)}`);
        } catch (error) {
          failures.push(`${String((error as Error).cause ?? error)} ${path}`);
        }
        await sleep(20);
      }
    };
    const clients = Array.from({ length: CLIENTS }, client);
    for (const replica of replicas) {
      // Gone at once, or in an orderly way: then it ends well and in time.
      if (replica.name.endsWith('1')) {
        await podman('kill', '--signal', 'KILL', replica.name);
      } else {
        await podman('stop', '--time', '20', replica.name);
        assert.equal((await podman('inspect', '--format', '{{.State.ExitCode}}', replica.name)).trim(), '0');
      }
      await sleep(1000);
      console.log(`${replica.name}: ready after ${Math.round(await run(replica))} ms`);
      await sleep(1000);
    }
    stop.abort();
    await Promise.all(clients);
    console.log(`${answers} answers, ${failures.length} failures`);
    assert.deepEqual(failures, []);
    assert.ok(answers > 100, `${answers}`);
  });
});

it('clairctl has its database in its container', {
  skip: !hasImage(CTL_IMAGE) && `needs podman and ${CTL_IMAGE}`,
}, async () => {
  const said = await podman(...runArguments('--rm'), CTL_IMAGE, 'db', 'status');
  assert.match(said, /No feed was ever asked/);
});
