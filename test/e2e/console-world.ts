/** A service with feeds, enrichments and named images, as the console of a small company would have them. All of it is made up. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { stringify } from 'yaml';
import { testDatabase } from '../../src/db/database.fixture.ts';
import { freePort } from '../conformance/service.ts';
import { DUMPS, feedAt, IMAGES, type Said, type WorldImage } from './console-feeds.ts';
import { digestOf, makeTar } from './make-image.ts';
import { type Running, start } from './run-program.ts';
import { startWorld, type World } from './world.ts';

/** ms until the service is taken for stuck: a busy machine takes its time. */
const PATIENCE = 300_000;
export interface ConsoleWorld extends AsyncDisposable {
  /** Of the service. */
  readonly address: string;
  /** Of the database. */
  readonly dsn: string;
  /** Digest by name. */
  readonly images: ReadonlyMap<string, string>;
  readonly world: World;
  /** Submits an image, and waits until the console has counted it. */
  submit(image: WorldImage): Promise<string>;
  /** Answer of the console's API. */
  get<T>(path: string): Promise<T>;
  /** Sends a change to the console's API; gives the status. */
  change(method: 'POST' | 'PATCH', path: string, body: unknown, headers?: Headers): Promise<number>;
  /** A feed says more from now on: loads it. */
  publish(said: Said): Promise<void>;
  /** Ends the service, and starts it again. */
  restart(): Promise<void>;
}

type Headers = Readonly<Record<string, string>>;

export interface WorldOptions {
  readonly images?: readonly WorldImage[];
  /** More of the configuration; `outside`: address of what is not Clair. */
  readonly config?: (outside: string) => { readonly auth?: object; readonly notifier?: object };
  /** Of all requests of this world. */
  readonly headers?: Headers;
}

/** Starts the service, loads the feeds and submits the images. */
export async function startConsoleWorld({
  images = IMAGES,
  config: more = () => ({}),
  headers = {},
}: WorldOptions = {}): Promise<ConsoleWorld> {
  await using resources = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'clair-console-'));
  resources.defer(() => rmSync(folder, { recursive: true, force: true }));
  const world = resources.use(await startWorld());
  const said: Said[] = [];
  world.intercept = (path, response) => {
    // The feed of gems fails: what it covers is not checked.
    if (path === '/osv/RubyGems/all.zip') return response.writeHead(403).end('forbidden\n') !== undefined;
    const body = feedAt(path, said);
    if (body === undefined) return false;
    response
      .writeHead(200, { 'content-type': 'application/octet-stream', etag: `"${digestOf(body)}"` })
      .end(body);
    return true;
  };
  const { dsn } = resources.use(await testDatabase());
  const [port, introspection] = [await freePort(), await freePort()];
  const { auth, notifier } = more(world.address);
  const config = join(folder, 'config.yaml');
  writeFileSync(
    config,
    stringify({
      http_listen_addr: `127.0.0.1:${port}`,
      introspection_addr: `127.0.0.1:${introspection}`,
      indexer: { connstring: dsn, migrations: true },
      matcher: { connstring: dsn, migrations: true },
      updaters: {
        sets: ['alpine', 'osv', 'clair.epss', 'clair.kev'],
        config: {
          alpine: { url: `${world.address}/secdb/` },
          osv: { url: `${world.address}/osv/`, allowlist: DUMPS },
          'clair.epss': { url: `${world.address}/epss.csv.gz` },
          'clair.kev': { feed_root: `${world.address}/kev.json` },
        },
      },
      ...(auth && { auth }),
      ...(notifier && { notifier: { connstring: dsn, migrations: true, ...notifier } }),
    }),
  );
  const begin = (): Running =>
    start('clair', ['-conf', config, '-mode', 'combo'], {}, undefined, 60 * 60_000);
  let service = begin();
  resources.defer(() => service[Symbol.asyncDispose]());
  await service.waitFor(/feeds updated/, PATIENCE);
  const address = `http://127.0.0.1:${port}`;
  const known = new Map<string, string>();
  const owned = resources.move();
  const made: ConsoleWorld = {
    address,
    dsn,
    images: known,
    world,
    get: (path) => getJson(`${address}/matcher/api/v1/console/${path}`, headers),
    async change(method, path, body, more) {
      const answer = await fetch(`${address}/matcher/api/v1/console/${path}`, {
        method,
        headers: { 'content-type': 'application/json', 'clair-console': '1', ...headers, ...more },
        body: JSON.stringify(body),
      });
      return answer.status;
    },
    async publish(record) {
      said.push(record);
      const status = await made.change('POST', 'feeds/update', {});
      if (status !== 202) throw new Error(`feeds/update: ${status}`);
      await service.waitFor(/feeds updated[\s\S]*feeds updated/, PATIENCE);
    },
    async restart() {
      await service[Symbol.asyncDispose]();
      service = begin();
      await ready(`http://127.0.0.1:${introspection}/readyz`);
    },
    async submit(image) {
      const digest = await submitImage(address, world, image);
      known.set(image.name, digest);
      await settled(made, digest);
      return digest;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
  try {
    for (const image of images) await made.submit(image);
  } catch (error) {
    await made[Symbol.asyncDispose]();
    throw new Error(`the console's world did not start: ${service.stderr().slice(-4000)}`, { cause: error });
  }
  return made;
}

async function submitImage(
  address: string,
  world: World,
  { name, labels, layers }: WorldImage,
): Promise<string> {
  const blobs = layers.map((files) => gzipSync(makeTar(files)));
  const hash = digestOf(`manifest of ${name} ${blobs.map(digestOf).join()}`);
  for (const blob of blobs) world.blobs.set(digestOf(blob), blob);
  const manifest = {
    hash,
    layers: blobs.map((blob) => ({ hash: digestOf(blob), uri: `${world.address}/blobs/${digestOf(blob)}` })),
  };
  const told = await fetch(`${address}/indexer/api/v1/manifest/${hash}/names`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ names: [name], ...(labels && { labels }) }),
  });
  if (told.status !== 204) throw new Error(`${name}: ${told.status} ${await told.text()}`);
  const answer = await fetch(`${address}/indexer/api/v1/index_report`, {
    method: 'POST',
    body: JSON.stringify(manifest),
  });
  if (answer.status !== 201) throw new Error(`${name}: ${answer.status} ${await answer.text()}`);
  return hash;
}

async function ready(url: string): Promise<void> {
  const deadline = Date.now() + PATIENCE;
  while (Date.now() < deadline) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.status === 200) return;
    await sleep(100);
  }
  throw new Error(`${url} is not ready`);
}

interface ImageState {
  readonly coverage: { readonly state: string };
}

/** Until the console has made the report of the image. */
async function settled(world: ConsoleWorld, digest: string): Promise<void> {
  const deadline = Date.now() + PATIENCE;
  while (Date.now() < deadline) {
    const image = await world.get<ImageState>(`images/${digest}`).catch(() => undefined);
    if (image !== undefined && image.coverage.state !== 'pending') return;
    await sleep(100);
  }
  throw new Error(`the console has not counted ${digest}`);
}

async function getJson<T>(url: string, headers: Headers): Promise<T> {
  const answer = await fetch(url, { headers });
  if (answer.status !== 200) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}
