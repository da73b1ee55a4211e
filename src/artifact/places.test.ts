/** One artifact at three places: what is read of each is the same, whatever happens on the way. */
import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { AttachedWorld, statement } from '../image/attached/attached.fixture.ts';
import { startRegistry, type TestRegistry } from '../image/registry/server.fixture.ts';
import { createHttpClient } from '../lib/http-client.ts';
import { tagOf } from '../model/digest.ts';
import { readPublicKey } from '../signing/public-key.ts';
import { PAYLOAD_TYPE, payloadOf, SIGNATURE, SIGNATURE_TYPE, sign } from '../signing/simple-signing.ts';
import { fetchParts } from './fetch-parts.ts';
import { blobPath, type Layout, openLayout } from './layout.ts';
import { MANIFEST_TYPE } from './manifest.ts';
import { openPlace, withMirrors } from './open-place.ts';
import type { ArtifactPlace } from './place.ts';
import { pushLayout } from './push-layout.ts';
import { readPrivateKey, signLayout } from './sign-layout.ts';
import { verifySignature } from './verify-signature.ts';

const { signal } = new AbortController();
const retry = { tries: 4, backoff: 1, longest: 100 };
const layer = randomBytes(9 * 1024 ** 2);

describe('places of artifacts', () => {
  const folder = mkdtempSync(join(tmpdir(), 'clair-places-'));
  const http = createHttpClient({ backoff: 1 });
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  let layout: Layout;
  let digest: string;
  let blob: string;
  let registry: TestRegistry;
  let web: { address: string; seen: string[]; answer: (path: string, response: ServerResponse) => boolean };
  const open = new AsyncDisposableStack();

  before(async () => {
    layout = await openLayout(join(folder, 'layout'));
    const added = await layout.addBlob([layer]);
    blob = added.digest;
    const config = await layout.addBlob([Buffer.from('{}')]);
    digest = await layout.addManifest(
      {
        schemaVersion: 2,
        mediaType: MANIFEST_TYPE,
        config: { mediaType: 'application/x-test', ...config },
        layers: [{ mediaType: 'application/x-test', ...added }],
      },
      'v1',
    );
    writeFileSync(join(folder, 'key.pem'), keys.privateKey.export({ type: 'pkcs8', format: 'pem' }));
    writeFileSync(join(folder, 'key.pub'), keys.publicKey.export({ type: 'spki', format: 'pem' }));
    registry = open.use(await startRegistry());
    web = await serve(layout.folder, open);
    await pushLayout(layout.folder, `${registry.host}/team/db`, { registry: session(), tag: 'v1' });
  });
  beforeEach(() => {
    registry.manners.breaks = 0;
    registry.manners.ranges = true;
    web.answer = () => false;
  });
  after(async () => {
    await open.disposeAsync();
    await http[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  const session = () => ({ env: {}, insecure: false, signal, retry });
  const placeOf = async (text: string): Promise<ArtifactPlace> =>
    open.use(await openPlace(text, { defaultTag: 'v1', registry: session(), http }));
  const all = async (): Promise<[string, ArtifactPlace][]> => [
    ['registry', await placeOf(`${registry.host}/team/db`)],
    ['web', await placeOf(`${web.address}/`)],
    ['folder', await placeOf(layout.folder)],
    ['oci:', await placeOf(`oci:${layout.folder}:v1`)],
  ];
  const parts = [
    { from: 0, to: 10 },
    { from: 10, to: 5000 },
    { from: 3_000_000, to: 8_500_000 },
    { from: layer.length - 7, to: layer.length },
  ];
  const fetched = async (place: ArtifactPlace): Promise<Buffer[]> => {
    const got: Buffer[] = [];
    for await (const bytes of fetchParts(place, blob, parts, { signal })) got.push(bytes);
    return got;
  };
  const wanted = parts.map(({ from, to }) => layer.subarray(from, to));

  it('gives manifests and parts of blobs', async () => {
    for (const [name, place] of await all()) {
      const manifest = await place.manifest(place.reference);
      assert.ok(manifest?.equals((await place.manifest(digest))!), name);
      assert.equal(await place.manifest('other'), undefined, name);
      assert.deepEqual(await fetched(place), wanted, name);
    }
  });

  it('goes on after connections that break', async () => {
    const place = await placeOf(`${registry.host}/team/db`);
    Object.assign(registry.manners, { breaks: 3, breakAfter: 1000 });
    assert.deepEqual(await fetched(place), wanted);
    assert.equal(registry.manners.breaks, 0);
    let breaks = 2;
    web.answer = (path, response) => {
      if (!path.includes(blob.slice(7)) || breaks-- <= 0) return false;
      response.writeHead(206, { 'content-length': 1000 }).write('half');
      setImmediate(() => response.destroy());
      return true;
    };
    assert.deepEqual(await fetched(await placeOf(web.address)), wanted);
  });

  it('reads of servers that give no parts', async () => {
    registry.manners.ranges = false;
    assert.deepEqual(await fetched(await placeOf(`${registry.host}/team/db`)), wanted);
  });

  it('asks a mirror for what a place fails with', async () => {
    const broken = { ...(await placeOf(layout.folder)), read: () => Promise.reject(new Error('away')) };
    assert.deepEqual(await fetched(withMirrors(broken, [await placeOf(web.address)])), wanted);
    await assert.rejects(fetched(withMirrors(broken, [broken])), /away/);
    await assert.rejects(fetched(withMirrors(broken, [])), /away/);
  });

  it('says what is wrong, and what to do', async () => {
    web.answer = (path, response) => {
      if (!path.includes(digest.slice(7))) return false;
      response.end('{"another": "manifest"}');
      return true;
    };
    const place = await placeOf(web.address);
    await assert.rejects(place.manifest('v1'), { code: 'bad-target', message: /damaged.*--db-repository/ });
    await assert.rejects((await placeOf(`${web.address}/nothing`)).manifest('v1'), /index\.json not found/);
    await assert.rejects((await placeOf('/nowhere/at/all')).manifest('v1'), /nowhere/);
    const copy = join(folder, 'copy');
    cpSync(layout.folder, copy, { recursive: true });
    writeFileSync(join(copy, blobPath(blob)), layer.subarray(0, 100));
    await assert.rejects(fetched(await placeOf(copy)), /truncated/);
  });

  it('verifies signatures of the key beside it, wherever it is', async () => {
    const key = await readPublicKey(join(folder, 'key.pub'));
    const other = { name: 'other.pub', key: stranger.publicKey };
    for (const [name, place] of await all())
      await assert.rejects(verifySignature(place, digest, [key]), /is not signed\..*--db-key/, name);
    await signLayout(layout, digest, {
      key: await readPrivateKey(join(folder, 'key.pem')),
      repository: 'db',
    });
    await pushLayout(layout.folder, `${registry.host}/team/db`, { registry: session(), tag: 'v1' });
    for (const [name, place] of await all()) {
      await verifySignature(place, digest, [key]);
      await verifySignature(place, digest, [other, key]);
      await assert.rejects(
        verifySignature(place, digest, [other]),
        /not signed with the key other\.pub/,
        name,
      );
      await assert.rejects(verifySignature(place, `sha256:${'0'.repeat(64)}`, [key]), /is not signed/, name);
    }
  });

  it('verifies signatures that are referrers, and none that are about something else', async () => {
    const key = await readPublicKey(join(folder, 'key.pub'));
    const tagged = `${registry.host}/team/referred`;
    const lone = await openLayout(join(folder, 'lone'));
    const config = await lone.addBlob([Buffer.from('{}')]);
    const made = async (text: string) =>
      await lone.addManifest(
        { schemaVersion: 2, mediaType: MANIFEST_TYPE, config: { mediaType: text, ...config }, layers: [] },
        'v1',
      );
    const one = await made('application/x-one');
    await pushLayout(lone.folder, tagged, { registry: session(), tag: 'v1' });
    const sent = async (subject: string, about: string) => {
      const payload = payloadOf(about, 'db');
      registry.content.pushBlob('team/referred', payload);
      registry.content.push(
        'team/referred',
        'any',
        Buffer.from(
          JSON.stringify({
            schemaVersion: 2,
            mediaType: MANIFEST_TYPE,
            artifactType: SIGNATURE_TYPE,
            config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: blob, size: 2 },
            layers: [
              {
                mediaType: PAYLOAD_TYPE,
                digest: (await lone.addBlob([payload])).digest,
                size: payload.length,
                annotations: { [SIGNATURE]: sign(payload, keys.privateKey) },
              },
            ],
            subject: { mediaType: MANIFEST_TYPE, digest: subject, size: 1 },
          }),
        ),
      );
    };
    const place = await placeOf(tagged);
    await sent(one, digest); // a good signature, of another artifact
    await assert.rejects(verifySignature(place, one, [key]), /not signed with/);
    await sent(one, one);
    await verifySignature(place, one, [key]);
  });

  it('verifies the bundles of cosign 3, and no attestation in one', async () => {
    const key = await readPublicKey(join(folder, 'key.pub'));
    const world = new AttachedWorld(registry.content);
    const place = await placeOf(`${registry.host}/${world.repository}`);
    const { digest: image } = world.image;
    const rejects = () => assert.rejects(verifySignature(place, image, [key]), /not signed with the key/);
    world.bundle(statement(image, 'https://example.test/approved/v1', {}), keys.privateKey);
    await rejects();
    world.signByBundle(image, stranger.privateKey);
    world.signByBundle(image, keys.privateKey, `sha256:${'0'.repeat(64)}`);
    await rejects();
    // Where a registry lists no referrers, cosign's own list calls a bundle empty.
    registry.manners.referrers = false;
    try {
      const bundle = world.signByBundle(image, keys.privateKey);
      world.referrersTag([bundle], 'application/vnd.oci.empty.v1+json');
      await verifySignature(place, image, [key]);
      registry.manners.referrers = true;
      await verifySignature(place, image, [key]);
    } finally {
      registry.manners.referrers = true;
    }
  });

  it('finds referrers by their tag where the registry lists none', async () => {
    registry.manners.referrers = false;
    try {
      const place = await placeOf(`${registry.host}/team/db`);
      assert.deepEqual(await place.referrers(digest), []);
      const index = { schemaVersion: 2, manifests: [{ mediaType: MANIFEST_TYPE, digest, size: 5 }] };
      registry.content.push('team/db', tagOf(digest), Buffer.from(JSON.stringify(index)));
      assert.deepEqual(await place.referrers(digest), index.manifests);
    } finally {
      registry.manners.referrers = true;
    }
  });

  it('refuses keys that are none', async () => {
    const agreement = generateKeyPairSync('x25519');
    writeFileSync(join(folder, 'x25519.pub'), agreement.publicKey.export({ type: 'spki', format: 'pem' }));
    for (const file of ['x25519.pub', 'key.pem', 'missing']) {
      await assert.rejects(readPublicKey(join(folder, file)), {
        code: 'bad-config',
        message: new RegExp(file),
      });
    }
    await assert.rejects(readPrivateKey(join(folder, 'key.pub')), { code: 'bad-config' });
  });

  it('sends only what the registry lacks', async () => {
    const before = registry.seen.length;
    await pushLayout(layout.folder, `${registry.host}/team/db`, { registry: session(), tag: 'v1' });
    const uploads = registry.seen.slice(before).filter(({ path }) => path.includes('/uploads'));
    assert.deepEqual(uploads, []);
  });
});

async function serve(folder: string, open: AsyncDisposableStack) {
  const served = {
    address: '',
    seen: [] as string[],
    answer: (_path: string, _response: ServerResponse): boolean => false,
  };
  const server = createServer((request, response) => {
    const path = new URL(request.url!, 'http://x').pathname;
    served.seen.push(path);
    if (served.answer(path, response)) return;
    let bytes: Buffer;
    try {
      bytes = readFileSync(join(folder, path));
    } catch {
      response.writeHead(404).end();
      return;
    }
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    if (from === undefined) response.end(bytes);
    else response.writeHead(206).end(bytes.subarray(Number(from), Number(to) + 1));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  open.defer(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });
  served.address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return served;
}
