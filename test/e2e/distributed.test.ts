/** Indexers, matchers and notifiers apart, two of each behind a load balancer, while they and their database are killed. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { connect } from '../../src/db/database.ts';
import { mintBearer } from '../../src/http/auth/tokens.ts';
import { canBalance, type Deployment, deploy, type Replica, until } from './deployment.ts';
import { digestOf, makeTar } from './make-image.ts';
import { type Postgres, startPostgres } from './postgres.ts';
import { ALPINE, nextDay, startWorld, type World } from './world.ts';

const INDEX = '/indexer/api/v1/index_report';
const REPORT = '/matcher/api/v1/vulnerability_report';
/** Seconds of load around each failure. */
const SECONDS = Number(process.env.CLAIR_E2E_SECONDS ?? 2);
const CLIENTS = 4;
const IMAGES = 6;
const NOTIFICATION = '/notifier/api/v1/notification';
const KEY = Buffer.from('a key that all of them share');

interface Image {
  readonly manifest: { readonly hash: string; readonly layers: object[] };
  /** Names of its packages. */
  readonly packages: readonly string[];
}

// biome-ignore lint/suspicious/noExplicitAny: answers are read as a client without types would
type Json = any;

describe('a deployment', { skip: !canBalance && 'needs haproxy', timeout: 300_000 }, () => {
  const open = new AsyncDisposableStack();
  let world: World;
  let postgres: Postgres;
  let clair: Deployment;
  let images: Image[];
  /** Ids that the webhook got. */
  const told: string[] = [];

  before(async () => {
    const hook = createServer(async (request, response) => {
      let text = '';
      for await (const piece of request) text += piece;
      told.push(JSON.parse(text).notification_id);
      response.end();
    });
    hook.listen(0, '127.0.0.1');
    await once(hook, 'listening');
    open.defer(() => void hook.close());
    const webhook = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`;
    world = open.use(await startWorld());
    postgres = open.use(await startPostgres());
    {
      await using db = await connect(postgres.dsn('postgres'), { applicationName: 'test', max: 1 });
      for (const name of ['indexer', 'matcher', 'notifier'])
        await db.query({ text: `create database ${name}` });
    }
    const auth = { psk: { key: KEY.toString('base64'), iss: ['test'] } };
    clair = open.use(await deploy({ world, dsn: postgres.dsn, auth, replicas: 2, webhook }));
    await until('the feeds are loaded', () =>
      clair.replicas.some(({ mode, log }) => mode === 'matcher' && /"updated":[1-9]/.test(log())),
    );
    await Promise.all(notifiers().map((replica) => replica.restart()));
    images = Array.from({ length: IMAGES }, (_, n) => imageOf(world, `first-${n}`));
  });
  after(() => open.disposeAsync());

  const notifiers = () => clair.replicas.filter(({ mode }) => mode === 'notifier');

  async function call(path: string, init: RequestInit = {}, address = clair.address): Promise<Response> {
    const headers = { authorization: await mintBearer(KEY, 'test', new Date()), ...init.headers };
    return await fetch(address + path, { ...init, headers, signal: AbortSignal.timeout(30_000) });
  }
  const post = ({ manifest }: Image) => call(INDEX, { method: 'POST', body: JSON.stringify(manifest) });
  const report = ({ manifest }: Image, address?: string) => call(`${REPORT}/${manifest.hash}`, {}, address);

  /** Asks for all of it, over and over, until `over`: nothing that is answered may be wrong. */
  async function load(over: () => boolean): Promise<{ right: number; failed: number; wrong: string[] }> {
    const outcome = { right: 0, failed: 0, wrong: [] as string[] };
    let fresh = 0;
    await Promise.all(
      Array.from({ length: CLIENTS }, async (_, client) => {
        for (let n = client; !over(); n++) {
          const isNew = client === 0 && n % 4 === 0;
          const image = isNew ? imageOf(world, `load-${client}-${n}-${fresh++}`) : images[n % IMAGES]!;
          try {
            const answer = isNew ? await post(image) : await report(image);
            const text = await answer.text();
            if (answer.status >= 500 || answer.status === 429) outcome.failed++;
            else if (answer.status !== (isNew ? 201 : 200)) outcome.wrong.push(`${answer.status} ${text}`);
            else {
              check(image, JSON.parse(text), isNew ? 'index' : 'vulnerabilities');
              outcome.right++;
            }
            if (answer.status >= 500) await sleep(50);
          } catch (error) {
            if (error instanceof assert.AssertionError) outcome.wrong.push(error.message);
            else {
              outcome.failed++; // the connection broke
              await sleep(50);
            }
          }
        }
      }),
    );
    return outcome;
  }

  /** Load before, during and after `trouble`; then all answers are right again, of every replica. */
  async function under(trouble: () => Promise<void>): Promise<{ right: number; failed: number }> {
    let over = false;
    const loading = load(() => over);
    await sleep(500);
    await trouble();
    await sleep(SECONDS * 500);
    over = true;
    const { right, failed, wrong } = await loading;
    assert.deepEqual(wrong, []);
    assert.ok(right > 0, 'something was answered');
    await until('all are ready', async () =>
      (await Promise.all(clair.replicas.map((replica) => replica.isReady()))).every(Boolean),
    );
    for (const { mode, address } of clair.replicas) {
      if (mode === 'matcher') for (const image of images) await complete(await report(image, address), image);
    }
    return { right, failed };
  }

  async function complete(answer: Response, image: Image): Promise<void> {
    const text = await answer.text();
    assert.equal(answer.status, 200, text);
    check(image, JSON.parse(text), 'vulnerabilities');
  }

  it('answers the same by every replica, and nobody without a token', async () => {
    for (const image of images) {
      const answer = await post(image);
      const text = await answer.text();
      assert.equal(answer.status, 201, text);
      check(image, JSON.parse(text), 'index');
    }
    for (const { mode, address } of clair.replicas) {
      if (mode === 'matcher') for (const image of images) await complete(await report(image, address), image);
    }
    for (const path of [INDEX, REPORT]) {
      assert.equal((await fetch(`${clair.address}${path}/${images[0]!.manifest.hash}`)).status, 401);
    }
  });

  it('names a request alike in the logs of all that take part in it', async () => {
    const trace = 'c0ffee'.padStart(32, '0');
    const headers = { traceparent: `00-${trace}-00f067aa0ba902b7-01` };
    assert.equal((await call(`${REPORT}/${images[0]!.manifest.hash}`, { headers })).status, 200);
    const names = (mode: string) =>
      clair.replicas.some(({ mode: own, log }) => own === mode && log().includes(`"request_id":"${trace}"`));
    await until('both have logged it', () => names('indexer') && names('matcher'));
  });

  for (const mode of ['indexer', 'matcher'] as const) {
    it(`goes on without a word when one ${mode} of two is killed`, async () => {
      const [victim] = clair.replicas.filter((replica) => replica.mode === mode) as [Replica];
      const { failed } = await under(async () => {
        await victim.kill();
        await sleep(SECONDS * 500);
        await victim.restart();
      });
      // What it was answering when it died, and what came before the load balancer noticed.
      assert.ok(failed <= 20 * CLIENTS, `${failed} requests failed`);
    });

    it(`answers again when all of mode ${mode} were killed and are back`, async () => {
      const victims = clair.replicas.filter((replica) => replica.mode === mode);
      await under(async () => {
        await Promise.all(victims.map((victim) => victim.kill()));
        await Promise.all(victims.map((victim) => victim.restart()));
      });
    });
  }

  it('answers again when the database was killed and is back, and nobody was restarted', async () => {
    await under(async () => {
      await postgres.kill();
      await until('nobody is ready', async () =>
        (await Promise.all(clair.replicas.map((replica) => replica.isReady()))).every((is) => !is),
      );
      await sleep(SECONDS * 200);
      await postgres.start();
    });
  });

  it('waits calmly for a database that is away', async () => {
    await postgres.stop();
    await until('nobody is ready', async () =>
      (await Promise.all(clair.replicas.map((replica) => replica.isReady()))).every((is) => !is),
    );
    const before = clair.replicas.map((replica) => ({ cpu: replica.cpu(), lines: lines(replica) }));
    await sleep(SECONDS * 1000);
    for (const [n, replica] of clair.replicas.entries()) {
      const { cpu, lines: said } = before[n]!;
      assert.ok(replica.cpu() - cpu < SECONDS / 4, `${replica.name} is busy: ${replica.cpu() - cpu} s`);
      assert.ok(lines(replica) - said <= 5 * SECONDS, `${replica.name} says too much`);
    }
    await postgres.start();
    await until('all are ready', async () =>
      (await Promise.all(clair.replicas.map((replica) => replica.isReady()))).every(Boolean),
    );
    for (const image of images) await complete(await report(image), image);
    const unready = clair.replicas.filter(({ log }) => /fatal error/.test(log()));
    assert.deepEqual(
      unready.map(({ name }) => name),
      [],
    );
  });

  // The last: from here on other vulnerabilities are known.
  it('tells of news once, and lets them be fetched and deleted while one notifier of two is killed', async () => {
    assert.deepEqual(told, [], 'what was there before is no news');
    nextDay(world);
    const update = '/matcher/api/v1/internal/feeds/update';
    assert.equal((await call(update, { method: 'POST' })).status, 202);
    await until('the news are there', () =>
      clair.replicas.some(({ mode, log }) => mode === 'matcher' && /"added":1,"removed":2/.test(log())),
    );
    const [victim, other] = notifiers() as [Replica, Replica];
    // They look for news when they start: both at once.
    await Promise.all([victim, other].map((replica) => replica.kill()));
    await Promise.all([victim, other].map((replica) => replica.restart()));
    await until(
      'the webhook is told',
      () => told.length > 0,
      () => victim.log() + other.log(),
    );
    const id = told[0]!;

    const path = `${NOTIFICATION}/${id}`;
    const first = await pagesOf(path);
    const own = new Set(images.map(({ manifest }) => manifest.hash));
    assert.deepEqual(
      first
        .flatMap(({ manifest, reason, vulnerability }) =>
          own.has(manifest) ? [`${manifest} ${reason} ${vulnerability.name}`] : [],
        )
        .sort(),
      [...own].flatMap((hash) => [`${hash} added CVE-2099-0007`, `${hash} removed CVE-2099-0001`]).sort(),
    );

    let over = false;
    let [right, failed] = [0, 0];
    const reading = (async () => {
      while (!over) {
        try {
          assert.deepEqual(await pagesOf(path), first);
          right++;
        } catch (error) {
          if (error instanceof assert.AssertionError) throw error;
          failed++; // it was the one that died
          await sleep(50);
        }
      }
    })();
    await sleep(SECONDS * 200);
    await victim.kill();
    await sleep(SECONDS * 200);
    over = true;
    await reading;
    assert.ok(right > 0 && failed <= 20, `${right} right, ${failed} failed`);
    // With one of two.
    assert.equal((await call(path, { method: 'DELETE' })).status, 200);
    assert.equal((await call(`${NOTIFICATION}/${crypto.randomUUID()}`, { method: 'DELETE' })).status, 404);
    assert.equal((await call(path, { method: 'DELETE' })).status, 200, 'once more');
    await victim.restart(); // it looks for news again
    await sleep(SECONDS * 500);
    assert.deepEqual(told, [id]);
  });

  /** All of a notification, some at a time; throws where an answer is no page. */
  async function pagesOf(path: string): Promise<Json[]> {
    const all: Json[] = [];
    for (let next = ''; ; ) {
      const answer = await call(`${path}?page_size=10${next}`);
      if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`);
      const { page, notifications } = (await answer.json()) as Json;
      all.push(...notifications);
      if (page.next === undefined) return all;
      next = `&next=${page.next}`;
    }
  }
});

describe('a deployment with a key server', { skip: !canBalance && 'needs haproxy', timeout: 600_000 }, () => {
  it('signs its own calls with the intraservice key, and is closed while the key server is away', async () => {
    await using world = await startWorld();
    await using postgres = await startPostgres();
    const keyserver = { api: 'http://127.0.0.1:9/keys/', intraservice: KEY.toString('base64') };
    const dsn = () => postgres.dsn('postgres'); // one database for both
    await using clair = await deploy({ world, dsn, auth: { keyserver }, replicas: 1 });
    await until('the feed is loaded', () => clair.replicas.some(({ log }) => /"updated":[1-9]/.test(log())));
    const image = imageOf(world, 'keyserver');
    const as = async (issuer: string, path: string, init: RequestInit = {}) =>
      await fetch(clair.address + path, {
        ...init,
        headers: { authorization: await mintBearer(KEY, issuer, new Date()) },
      });
    const body = JSON.stringify(image.manifest);
    assert.equal((await as('clair-intraservice', INDEX, { method: 'POST', body })).status, 201);
    const answer = await as('clair-intraservice', `${REPORT}/${image.manifest.hash}`);
    assert.equal(answer.status, 200);
    check(image, await answer.json(), 'vulnerabilities');
    assert.equal((await as('quay', `${REPORT}/${image.manifest.hash}`)).status, 401);
    assert.equal((await fetch(`${clair.address}/indexer/api/v1/index_state`)).status, 401);
  });
});

/** An image with packages of its own besides those of the world. */
function imageOf(world: World, name: string): Image {
  const own = Array.from({ length: 20 }, (_, n) => `${name}-${n}`);
  const installed = own.map((pkg) => `P:${pkg}\nV:1.0-r0\nA:x86_64\no:${pkg}\n\n`).join('');
  const blob = gzipSync(
    makeTar({ ...ALPINE, 'lib/apk/db/installed': `${ALPINE['lib/apk/db/installed']}${installed}` }),
  );
  const hash = digestOf(blob);
  world.blobs.set(hash, blob);
  return {
    manifest: {
      hash: digestOf(`manifest of ${name}`),
      layers: [{ hash, uri: `${world.address}/blobs/${hash}` }],
    },
    packages: [...own, 'sound', 'teapot'].sort(),
  };
}

/** That it is the whole report of this image, and no other. */
function check(image: Image, answer: Json, kind: 'index' | 'vulnerabilities'): void {
  assert.equal(answer.manifest_hash, image.manifest.hash);
  const names = Object.values<Json>(answer.packages).map(({ name }) => name);
  assert.deepEqual(names.sort(), image.packages);
  if (kind === 'index') {
    assert.equal(answer.state, 'IndexFinished');
    return;
  }
  const found = Object.entries<string[]>(answer.package_vulnerabilities).flatMap(([id, ids]) =>
    ids.map((key) => `${answer.packages[id].name} ${answer.vulnerabilities[key].name}`),
  );
  assert.deepEqual(found, ['teapot CVE-2099-0001']);
}

/** Lines that a replica has logged of its own accord. */
function lines(replica: Replica): number {
  return replica
    .log()
    .split('\n')
    .filter((line) => line !== '' && !line.includes('"request_id"')).length;
}
