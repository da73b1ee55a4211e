/**
 * The container image as it is deployed apart: two of each service as an ordinary user with a read-only root, Debian's
 * PostgreSQL, a load balancer with Traefik's routing table (haproxy, or the Traefik that `CLAIR_TEST_TRAEFIK` names); replicas are
 * killed and replaced while requests run. Not part of `npm test`: deploy/test/run.sh makes the image and runs it.
 */
import assert from 'node:assert/strict';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseAllDocuments, stringify } from 'yaml';
import { startRegistry, type TestRegistry } from '../../src/image/registry/server.fixture.ts';
import { freePort } from '../conformance/service.ts';
import { until } from '../e2e/deployment.ts';
import { writeOciLayout } from '../e2e/make-image.ts';
import { ALPINE, startWorld, type World } from '../e2e/world.ts';
import { ROOT } from '../imports.ts';
import { API_PATHS, CLOSED_PATHS } from './api-paths.ts';
import { CTL_IMAGE, hasImage, IMAGE, podman, processOf, runArguments } from './container.ts';
import { startDebianPostgres } from './debian-postgres.ts';
import { type Backend, startHaproxy } from './haproxy.ts';
import { startTraefik } from './traefik.ts';

const SERVICES = ['indexer', 'matcher', 'notifier'];
const CLIENTS = 4;
const PREFIX = `clair-test-${process.pid}`;
/** Loopback addresses of this run's own: replicas listen on the ports that they have in a network of containers. */
const NETWORK = `127.${1 + ((process.pid >> 8) % 254)}.${process.pid & 255}`;
const TRAEFIK = process.env.CLAIR_TEST_TRAEFIK;

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
        const host = `${NETWORK}.${replicas.length + 1}`;
        const replica = { service, name: `${PREFIX}-${service}-${n}`, host };
        writeConfig(replica);
        replicas.push(replica);
      }
    }
    open.defer(
      async () => void (await podman('rm', '--force', '--ignore', ...replicas.map(({ name }) => name))),
    );
    open.use(
      TRAEFIK ? await startTraefik(TRAEFIK, folder, port, replicas) : startHaproxy(folder, port, replicas),
    );
    await Promise.all(replicas.map((replica) => run(replica)));
    await until('the feeds are loaded', async () => (await reportStatus()) !== 202);
  });
  after(() => open.disposeAsync());

  /** The configuration of deploy/compose, and a drop-in that says where things are on this host. */
  function writeConfig({ name, host }: Backend): void {
    const config = join(folder, name);
    cpSync(join(ROOT, 'deploy/compose/config'), config, { recursive: true });
    mkdirSync(join(config, 'config.yaml.d'), { recursive: true });
    const connstring = (database: string): string =>
      `host=127.0.0.1 port=${databasePort} user=clair dbname=${database} sslmode=disable`;
    const here = {
      http_listen_addr: `${host}:6060`,
      introspection_addr: `${host}:8089`,
      indexer: { connstring: connstring('indexer') },
      matcher: { connstring: connstring('matcher'), indexer_addr: address, disable_enrichment: true },
      notifier: { connstring: connstring('notifier'), indexer_addr: address, matcher_addr: address },
      updaters: { sets: ['alpine'], config: { alpine: { url: `${world.address}/secdb/` } } },
    };
    writeFileSync(join(config, 'config.yaml.d', '50-here.yaml'), stringify(here));
  }

  /** Starts it; gives the ms until it is ready. */
  async function run({ service, name, host }: Backend): Promise<number> {
    await podman('rm', '--force', '--ignore', name);
    const health = `http://${host}:8089`;
    const began = performance.now();
    await podman(
      ...runArguments('--detach', '--name', name, '--env', `CLAIR_MODE=${service}`),
      ...['--env', `CLAIR_HEALTH_URL=${health}/healthz`, '--volume', `${join(folder, name)}:/config:ro`],
      ...[IMAGE, '-config=/config/config.yaml'],
    );
    await until(`${name} is ready`, () => isReady(health));
    return performance.now() - began;
  }

  const clairctl = (...args: string[]): Promise<string> =>
    podman(...runArguments('--rm', '--entrypoint', '/usr/bin/clairctl'), IMAGE, ...args);

  const isReady = (introspection: string): Promise<boolean> =>
    fetch(`${introspection}/readyz`).then(
      ({ status }) => status === 200,
      () => false,
    );

  async function reportStatus(): Promise<number> {
    const path = `/matcher/api/v1/vulnerability_report/sha256:${'0'.repeat(64)}`;
    return (await fetch(address + path)).status;
  }

  it('reports an image through the load balancer', async () => {
    const text = await clairctl('report', '--host', address, '--no-local', image);
    assert.match(text, /found teapot +1\.0-r0 +CVE-2099-0001 +\(fixed: 1\.1-r0\)/);
  });

  it('are reached by the paths of the API, and by no other', async () => {
    const ask = async (method: string, path: string): Promise<number> =>
      (await fetch(address + path, { method })).status;
    // Whoever has a path refuses a method that it does not have, and who has not does not know the path.
    const isKnown = async (path: string): Promise<boolean> =>
      (await ask('PUT', path)) === 405 || (await ask('GET', path)) === 200;
    for (const [path, service] of API_PATHS) assert.ok(await isKnown(path), `${path} of ${service}`);
    for (const path of CLOSED_PATHS) assert.ok(!(await isKnown(path)), path);
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

  it("serve without a network what the chart's Job and init container load", async () => {
    const manifests = parseAllDocuments(
      readFileSync(join(ROOT, 'deploy/kubernetes/airgapped.yaml'), 'utf8'),
    ).map((document) => document.toJS());
    const named = (kind: string, name: string) =>
      manifests.find((each) => each?.kind === kind && each.metadata.name === name);
    const migrate: string[] = named('Job', 'clair-migrations').spec.template.spec.containers[0].command;
    const load: string[] = named('Deployment', 'clair-matcher').spec.template.spec.initContainers.find(
      ({ name }: { name: string }) => name === 'load-feeds',
    ).command;

    const [config, feeds] = [join(folder, 'airgapped'), join(folder, 'feeds')];
    mkdirSync(join(config, 'config.yaml.d'), { recursive: true });
    const text = String(named('ConfigMap', 'clair').data['config.yaml']);
    writeFileSync(join(config, 'config.yaml'), text.replaceAll('sslmode=require', 'sslmode=disable'));
    const [own, checks] = [`${NETWORK}.9:6060`, `${NETWORK}.9:8089`];
    const here = { http_listen_addr: own, introspection_addr: checks, matcher: { disable_enrichment: true } };
    writeFileSync(join(config, 'config.yaml.d', '50-here.yaml'), stringify(here));
    mkdirSync(feeds);
    chmodSync(feeds, 0o777);
    const login = ['PGHOST=127.0.0.1', `PGPORT=${databasePort}`, 'PGUSER=clair', 'PGPASSWORD=none'];
    const options = [
      ...['--volume', `${config}:/config:ro`, '--volume', `${feeds}:/feeds`],
      ...['--volume', `${join(folder, replicas[0]!.name)}:/outside:ro`],
      ...login.flatMap((each) => ['--env', each]),
    ];
    const inJob = ([program = '', ...args]: readonly string[]): Promise<string> =>
      podman(...runArguments('--rm', '--entrypoint', program, ...options), IMAGE, ...args);

    assert.match(await inJob(migrate), /matcher: ran/);
    assert.match(await inJob(migrate), /matcher: up to date/);
    const outside = ['--config', '/outside/config.yaml'];
    await inJob(['/usr/bin/clairctl', 'export-updaters', ...outside, '/feeds/clair.json.zst']);
    const told = await inJob([...load.slice(0, -1), '/feeds/clair.json.zst']);
    assert.match(told, /^1 feeds imported \(2 records\)/);
    await inJob(['/usr/bin/clairctl', 'db', 'export', ...outside, load.at(-1)!]);
    console.log((await inJob(load)).trim());

    const name = `${PREFIX}-airgapped`;
    try {
      await podman(...runArguments('--detach', '--name', name, ...options), IMAGE);
      await until('it is ready', () => isReady(`http://${checks}`));
      const said = await clairctl('report', '--host', `http://${own}`, image);
      assert.match(said, /found teapot +1\.0-r0 +CVE-2099-0001/);
    } finally {
      await podman('rm', '--force', '--ignore', name);
    }
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
