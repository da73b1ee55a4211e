/** Harbor's scanner API and events of registries, from a push to the report and the deletion. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { testDatabase } from '../../src/db/database.fixture.ts';
import { connect, type Database } from '../../src/db/database.ts';
import { startRegistry, type TestRegistry } from '../../src/image/registry/server.fixture.ts';
import { index, layout } from '../../src/image/target/builder.fixture.ts';
import { freePort } from '../conformance/service.ts';
import {
  type Artifact,
  CYCLONEDX,
  GENERIC,
  HarborStandIn,
  type Json,
  NATIVE,
  RAW,
  SBOM,
  SPDX,
} from './harbor-stand-in.ts';
import { digestOf, type Files, makeTar } from './make-image.ts';
import { type Running, start } from './run-program.ts';
import { ALPINE, startWorld, type World, worldConfig } from './world.ts';

/** ms: a busy machine takes its time. */
const PATIENCE = 300_000;
const HOUR = 3600_000;
const PASSWORD = 'a password of sixteen';
const SECRET = 'a secret of the registry';
const ROBOT = 'robot$scanner';
const ROBOT_SECRET = 'robot-secret-of-a-day';
const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json';
const IMAGE_TYPE = 'application/vnd.oci.image.manifest.v1+json';

const basic = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

describe('Harbor', () => {
  const open = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'clair-harbor-'));
  let world: World;
  let registry: TestRegistry;
  let db: Database;
  let service: Running;
  let address = '';
  let harbor: HarborStandIn;

  /** Pushes an image of `layers`; gives what Harbor would send of it. */
  function push(repository: string, tag: string, ...layers: readonly Files[]): Artifact {
    return {
      repository,
      tag,
      digest: store(repository, tag, 'linux/amd64', layers).digest,
      mime_type: IMAGE_TYPE,
    };
  }

  function store(repository: string, tag: string, platform: string, layers: readonly Files[]) {
    const image = imageOf(platform, layers);
    registry.content.pushLayout(repository, layout([image.descriptor], image.blobs), tag);
    return image;
  }

  const clair = (token: string) => ({
    async index(digest: string) {
      return await fetch(`${address}/indexer/api/v1/index_report/${digest}`, {
        headers: { authorization: token },
      });
    },
  });
  const anybody = clair('');

  async function tell(
    host: string,
    body: object,
    headers: Record<string, string> = { authorization: SECRET },
  ) {
    const answer = await fetch(`${address}/indexer/api/v1/events/${host}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    return { status: answer.status, json: (text === '' ? undefined : JSON.parse(text)) as Json };
  }

  async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
    for (let tries = 0; tries < 600; tries++) {
      if (await isSo()) return;
      await sleep(100);
    }
    assert.fail(`${what} did not happen:\n${service.stderr().slice(-4000)}`);
  }
  const isIndexed = async (digest: string): Promise<boolean> => {
    const answer = await anybody.index(digest);
    return answer.status === 200 && ((await answer.json()) as Json).state === 'IndexFinished';
  };

  before(async () => {
    open.defer(() => rmSync(folder, { recursive: true, force: true }));
    world = open.use(await startWorld());
    registry = open.use(
      await startRegistry({ auth: 'bearer', users: { [ROBOT]: ROBOT_SECRET, reader: 'all of it' } }),
    );
    const { dsn } = open.use(await testDatabase());
    db = open.use(await connect(dsn, { applicationName: 'harbor-test', max: 2 }));
    const [port, port2] = [await freePort(), await freePort()];
    address = `http://127.0.0.1:${port}`;
    const config = worldConfig(world, {
      http_listen_addr: `127.0.0.1:${port}`,
      introspection_addr: `127.0.0.1:${port2}`,
      log_level: 'debug',
      indexer: {
        connstring: dsn,
        migrations: true,
        events: { secret: SECRET },
        registries: [
          {
            host: registry.host,
            username: 'reader',
            password: 'all of it',
            plain_http: true,
            repositories: ['team/*', 'library/*'],
            forget_deleted: true,
          },
        ],
      },
      matcher: { connstring: dsn, migrations: true, disable_enrichment: true },
      harbor: { enabled: true, password: PASSWORD, token: 'a token of sixteen or more' },
    });
    writeFileSync(join(folder, 'config.yaml'), config);
    service = open.use(
      start('clair', ['-conf', join(folder, 'config.yaml'), '-mode', 'combo'], {}, undefined, HOUR),
    );
    await service.waitFor(/feeds updated/, PATIENCE);
    harbor = new HarborStandIn({
      url: `${address}/indexer/harbor`,
      authorization: basic('harbor', PASSWORD),
      registry: { url: `http://${registry.host}`, authorization: basic(ROBOT, ROBOT_SECRET) },
    });
  });
  after(() => open.disposeAsync());

  it('asks what the scanner is', async () => {
    const { capabilities, properties } = await harbor.metadata();
    assert.deepEqual(
      capabilities.map(({ type }: Json) => type),
      ['vulnerability', 'sbom'],
    );
    assert.deepEqual(capabilities[1].additional_attributes, { sbom_media_types: [SPDX, CYCLONEDX] });
    assert.match(properties['harbor.scanner-adapter/vulnerability-database-updated-at'], /^20\d\d-/);
  });

  it('gets the vulnerabilities of an image in all types, and its SBOM', async () => {
    const artifact = push('team/app', '1.0', ALPINE);
    const id = await harbor.scan(artifact, 'vulnerability');
    for (const type of [GENERIC, NATIVE]) {
      const { json } = await harbor.report(id, type);
      assert.deepEqual(json.artifact, artifact);
      assert.equal(json.severity, 'Unknown');
      assert.deepEqual(
        json.vulnerabilities.map((each: Json) => [each.id, each.package, each.version, each.fix_version]),
        [['CVE-2099-0001', 'teapot', '1.0-r0', '1.1-r0']],
      );
    }
    const raw = await harbor.report(id, RAW);
    assert.equal(raw.json.manifest_hash, artifact.digest);
    for (const [format, version] of [
      [SPDX, 'SPDX-2.3'],
      [CYCLONEDX, '1.6'],
    ] as const) {
      const { json } = await harbor.report(id, SBOM, `?sbom_media_type=${encodeURIComponent(format)}`);
      assert.equal(json.media_type, format);
      assert.equal(json.sbom.spdxVersion ?? json.sbom.specVersion, version);
      const names = (json.sbom.packages ?? json.sbom.components).map(({ name }: Json) => name);
      assert.ok(names.includes('teapot') && names.includes('sound'), names.join());
    }
    const [row] = await db.query<Json>({
      text: 'select credentials, ended from registry_pull where key = $1',
      values: [id],
    });
    assert.equal(row.credentials, null, 'nothing of the login is kept');
    assert.ok(row.ended !== null);
  });

  it('is told what it asks for wrongly', async () => {
    const artifact = push('team/app', '1.0', ALPINE);
    const id = await harbor.scan(artifact);
    const cases: [path: string, accept: string, status: number][] = [
      [`/scan/${id}/report`, SBOM, 400],
      [`/scan/${id}/report?sbom_media_type=text/plain`, SBOM, 400],
      [`/scan/${id}/report`, 'application/vnd.scanner.malware', 501],
      ['/scan/3fa85f64-5717-4562-b3fc-2c963f66afa6/report', GENERIC, 404],
      ['/scan/no-uuid/report', GENERIC, 400],
    ];
    for (const [path, accept, status] of cases) {
      assert.equal((await harbor.ask(path, { headers: { accept } })).status, status, path);
    }
    const post = (body: unknown) =>
      harbor.ask('/scan', { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) });
    const good = { registry: { url: `http://${registry.host}` }, artifact };
    const bodies: [body: unknown, status: number][] = [
      ['{', 400],
      [{ ...good, artifact: 'app' }, 400],
      [{ ...good, registry: { url: 7 } }, 400],
      [{ artifact }, 422],
      [{ ...good, artifact: { ...artifact, digest: 'sha256:7' } }, 422],
      [{ ...good, artifact: { ...artifact, repository: 'Team/App' } }, 422],
      [{ ...good, registry: { url: 'ftp://registry' } }, 422],
      [{ ...good, registry: { url: 'http://user:secret@registry' } }, 422],
      [{ ...good, registry: { url: 'http://registry', authorization: 'Digest x' } }, 422],
      [{ ...good, artifact: { ...artifact, mime_type: 'application/vnd.cncf.helm.config.v1+json' } }, 501],
      [{ ...good, enabled_capabilities: [{ type: 'malware' }] }, 501],
      [{ ...good, enabled_capabilities: [{ type: 'sbom', produces_mime_types: [GENERIC] }] }, 501],
    ];
    for (const [body, status] of bodies) {
      const answer = await post(body);
      assert.deepEqual(
        [answer.status, typeof answer.json.error.message],
        [status, 'string'],
        JSON.stringify(body),
      );
    }
  });

  it('must say who it is', async () => {
    const cases: [authorization: string, status: number][] = [
      [basic('harbor', PASSWORD), 200],
      ['Bearer a token of sixteen or more'.replaceAll(' o', '-o'), 401],
      [basic('harbor', 'another password'), 401],
      [basic('admin', PASSWORD), 401],
      ['', 401],
    ];
    for (const [authorization, status] of cases) {
      const answer = await harbor.ask('/metadata', { headers: { authorization } });
      assert.equal(answer.status, status, authorization);
    }
  });

  it('gets a report though the token of the registry runs out after two requests', async () => {
    registry.manners.tokenUses = 2;
    registry.manners.storage = true;
    try {
      const artifact = push('team/short', '1', ALPINE, { 'srv/a': 'a' }, { 'srv/b': 'b' });
      const { json, status } = await harbor.report(await harbor.scan(artifact), GENERIC);
      assert.deepEqual([status, json.vulnerabilities?.length], [200, 1], JSON.stringify(json));
      const tokens = registry.seen.filter(({ path }) => path === '/token');
      assert.ok(
        tokens.length >= 3 &&
          tokens.every(({ authorization }) => authorization === basic(ROBOT, ROBOT_SECRET)),
      );
    } finally {
      registry.manners.tokenUses = Number.POSITIVE_INFINITY;
      registry.manners.storage = false;
    }
  });

  it('is told that its robot is not let in', async () => {
    const stranger = new HarborStandIn({
      url: `${address}/indexer/harbor`,
      authorization: basic('harbor', PASSWORD),
      registry: { url: `http://${registry.host}`, authorization: basic(ROBOT, 'expired') },
    });
    const id = await stranger.scan(push('team/secret', '1', { 'srv/c': 'c' }));
    await until('the first attempt', async () =>
      /could not be indexed, will be retried/.test(service.stderr()),
    );
    await db.query({
      text: 'update registry_pull set attempts = 3, due = now() where key = $1',
      values: [id],
    });
    const { status, json } = await stranger.report(id, GENERIC);
    assert.equal(status, 500);
    assert.match(json.error.message, /team\/secret@sha256:\w+: .*credentials were rejected/);
  });

  it('gets one report of all images of an index, and by platform what it asks for', async () => {
    const amd = store('team/multi', 'amd', 'linux/amd64', [ALPINE]);
    const arm = store('team/multi', 'arm', 'linux/arm64', [ALPINE, { 'srv/arm': 'arm' }]);
    const both = index([amd.descriptor, arm.descriptor]);
    const digest = registry.content.push('team/multi', '1', both.bytes);
    const whole = await harbor.report(
      await harbor.scan({ repository: 'team/multi', tag: '1', digest, mime_type: INDEX_TYPE }),
      GENERIC,
    );
    assert.deepEqual(
      whole.json.vulnerabilities.map((each: Json) => [each.id, each.vendor_attributes.platforms]),
      [['CVE-2099-0001', ['linux/amd64', 'linux/arm64']]],
    );
    for (const { digest: one } of [amd, arm]) {
      const artifact = { repository: 'team/multi', digest: one, mime_type: IMAGE_TYPE };
      const { json } = await harbor.report(await harbor.scan(artifact), NATIVE);
      assert.deepEqual(
        json.vulnerabilities.map(({ id }: Json) => id),
        ['CVE-2099-0001'],
      );
    }
  });

  it('sees what was not checked, and never an empty list for it', async () => {
    const odd = { 'etc/os-release': 'ID=nowhere\nVERSION_ID=1\n', 'srv/x': 'x' };
    const { json } = await harbor.report(await harbor.scan(push('team/odd', '1', odd)), GENERIC);
    assert.ok(json.vulnerabilities.length > 0);
    for (const item of json.vulnerabilities) {
      assert.deepEqual([item.id, item.severity], ['CLAIR-NOT-CHECKED', 'Unknown']);
      assert.match(item.description, /^NOT CHECKED: /);
    }
  });

  it('deletes an artifact, and so does Clair', async () => {
    const artifact = push('library/gone', '1', ALPINE, { 'srv/gone': 'gone' });
    const id = await harbor.scan(artifact);
    assert.equal((await harbor.report(id, GENERIC)).status, 200);
    const { digest, tag } = artifact;
    const event = {
      type: 'DELETE_ARTIFACT',
      event_data: { resources: [{ digest, tag }], repository: { repo_full_name: 'library/gone' } },
    };
    assert.deepEqual((await tell(registry.host, event)).json, {
      format: 'harbor',
      queued: 0,
      deleted: 1,
      ignored: [],
    });
    assert.equal((await anybody.index(digest)).status, 404);
    const late = await harbor.report(id, GENERIC);
    assert.equal(late.status, 404);
    assert.match(late.json.error.message, /was deleted: scan again/);
  });

  it('pushes, and the image is indexed without anybody asking', async () => {
    const { digest } = push('team/pushed', '2', ALPINE, { 'srv/pushed': '2' });
    const event = {
      type: 'PUSH_ARTIFACT',
      event_data: { resources: [{ digest, tag: '2' }], repository: { repo_full_name: 'team/pushed' } },
    };
    assert.equal((await tell(registry.host, event, {})).status, 401);
    assert.equal((await tell(registry.host, event, { authorization: 'another' })).status, 401);
    assert.equal((await tell('elsewhere.example.com', event)).status, 404);
    assert.equal((await tell(registry.host, event)).status, 202);
    await until('the index', () => isIndexed(digest));
    const foreign = { ...event.event_data, repository: { repo_full_name: 'private/app' } };
    const { json } = await tell(registry.host, { ...event, event_data: foreign });
    assert.deepEqual([json.queued, json.ignored.length], [0, 1]);
  });

  it('leaves no secret in the log or the database', async () => {
    const rows = await db.query<Json>({ text: 'select r::text as row from registry_pull r' });
    const all = `${service.stderr()}\n${rows.map(({ row }) => row).join('\n')}`;
    for (const secret of [ROBOT_SECRET, PASSWORD, SECRET, 'all of it', basic(ROBOT, ROBOT_SECRET).slice(6)])
      assert.ok(!all.includes(secret), secret);
  });
});

/** An image of gzipped layers, with its blobs. */
function imageOf(platform: string, layers: readonly Files[]) {
  const [os, architecture] = platform.split('/');
  const plain = layers.map(makeTar);
  const blobs = plain.map((bytes) => gzipSync(bytes));
  const config = Buffer.from(
    JSON.stringify({ os, architecture, rootfs: { type: 'layers', diff_ids: plain.map(digestOf) } }),
  );
  const descriptorOf = (bytes: Buffer, mediaType: string) => ({
    mediaType,
    digest: digestOf(bytes),
    size: bytes.length,
  });
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: IMAGE_TYPE,
      config: descriptorOf(config, 'application/vnd.oci.image.config.v1+json'),
      layers: blobs.map((blob) => descriptorOf(blob, 'application/vnd.oci.image.layer.v1.tar+gzip')),
    }),
  );
  const descriptor = { ...descriptorOf(manifest, IMAGE_TYPE), platform: { os, architecture } };
  const all = [manifest, config, ...blobs].map((bytes) => [digestOf(bytes), bytes] as const);
  return { digest: descriptor.digest, descriptor, blobs: new Map(all) };
}
