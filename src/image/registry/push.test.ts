import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import type { Digest } from '../../model/digest.ts';
import { json, sha256 } from '../target/builder.fixture.ts';
import { type PushBlobOptions, pushBlob } from './push-blob.ts';
import { pushManifest } from './push-manifest.ts';
import { parseReference } from './reference.ts';
import { type RegistryServerOptions, startRegistry, type TestRegistry } from './server.fixture.ts';
import { openRegistrySession, type RegistrySessionOptions } from './session.ts';
import type { Blob } from './upload.ts';

const RETRY = { tries: 4, backoff: 1, longest: 2000 };
const bytes = randomBytes(300_000);
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

function blobOf(content: Buffer): Blob & { readonly opened: string[] } {
  const opened: string[] = [];
  return {
    digest: sha256(content) as Digest,
    size: content.length,
    open(from, to) {
      opened.push(`${from}-${to}`);
      return Readable.from([content.subarray(from, to)]);
    },
    opened,
  };
}

function sessionWith(registry: TestRegistry, options: Partial<RegistrySessionOptions> = {}) {
  return openRegistrySession(parseReference(`${registry.host}/team/app:1`), {
    ...{
      env: {},
      insecure: false,
      signal: AbortSignal.timeout(20_000),
      retry: RETRY,
      access: 'push',
      ...options,
    },
  });
}

async function push(
  given: RegistryServerOptions,
  options: Partial<PushBlobOptions> = {},
  content = bytes,
  before: (registry: TestRegistry) => void = () => {},
) {
  await using registry = await startRegistry(given);
  before(registry);
  await using session = await sessionWith(registry, {
    ...(given.users && { login: { username: 'me', password: 'secret' } }),
  });
  const blob = blobOf(content);
  const how = await pushBlob(session, blob, { name: 'app', ...options });
  const kept = registry.content.blob('team/app', blob.digest);
  assert.ok(kept?.equals(content), 'the registry has the blob');
  const uploads = registry.seen.filter(({ method }) => /^(?:PUT|PATCH)$/.test(method));
  return { how, opened: blob.opened, methods: uploads.map(({ method }) => method).join(' ') };
}

describe('blobs are pushed', () => {
  it('in one request, with the login of the registry', async () => {
    for (const auth of ['none', 'basic', 'bearer'] as const) {
      const users = auth === 'none' ? {} : { users: { me: 'secret' } };
      const { how, methods } = await push({ auth, ...users });
      assert.deepEqual([how, methods], ['sent', 'PUT']);
    }
    assert.equal((await push({}, {}, Buffer.alloc(0))).how, 'sent');
  });

  it('not at all if they are there, and by a mount if another repository has them', async () => {
    const there = await push({}, {}, bytes, ({ content }) => content.pushBlob('team/app', bytes));
    assert.deepEqual([there.how, there.opened], ['there', []]);
    const other = ({ content }: TestRegistry) => void content.pushBlob('team/base', bytes);
    const mounted = await push({}, { mountFrom: 'team/base' }, bytes, other);
    assert.deepEqual([mounted.how, mounted.opened], ['mounted', []]);
    assert.equal((await push({ mounts: false }, { mountFrom: 'team/base' }, bytes, other)).how, 'sent');
  });

  it('in chunks where the registry takes no request of that size', async () => {
    const chunk = 100_000;
    const sent = await push({ uploadLimit: chunk }, { chunk });
    assert.deepEqual(sent.methods, 'PUT PATCH PATCH PATCH PUT');
    assert.deepEqual(sent.opened.slice(1), ['0-100000', '100000-200000', '200000-300000']);
    const least = await push({ uploadLimit: 200_000, minChunk: 150_000 }, { chunk });
    assert.deepEqual(least.opened.slice(1), ['0-150000', '150000-300000']);
    await assert.rejects(push({ uploadLimit: 1000 }, { chunk }), /takes no request of this size/);
    await assert.rejects(
      push({ uploadLimit: 1000, minChunk: 2 ** 40 }, { chunk }),
      /chunks of 1099511627776 bytes/,
    );
  });

  it('anew if an upload breaks off, and from where the registry has them if they are in chunks', async () => {
    const whole = await push({ uploadBreaks: 2, uploadBreakAfter: 70_000 });
    assert.deepEqual(whole.opened, ['0-300000', '0-300000', '0-300000']);
    const chunk = 100_000;
    const breaks = { uploadLimit: chunk, uploadBreaks: 1, uploadBreakAfter: 120_000 };
    const { opened } = await push(breaks, { chunk });
    assert.deepEqual(opened.slice(1), ['0-100000', '100000-200000', '120000-220000', '220000-300000']);
    await assert.rejects(push({ uploadBreaks: 99, uploadBreakAfter: 10 }), /could not be reached/);
  });

  it('only by who may write', async () => {
    await assert.rejects(
      push({ auth: 'bearer', users: { me: 'secret' }, writable: false }),
      /app:1: access denied: these credentials have no permission to push; the given credentials were rejected/,
    );
    await using registry = await startRegistry({
      special: (path, response) => {
        if (!path.includes('/uploads/')) return false;
        response.writeHead(405).end();
        return true;
      },
    });
    await using session = await sessionWith(registry);
    await assert.rejects(
      pushBlob(session, blobOf(bytes), { name: 'app' }),
      /app: sha256:.* the registry takes no uploads/,
    );
  });

  it('never with the login to another host', async () => {
    await using other = await startRegistry();
    await using registry = await startRegistry({ auth: 'basic', users: { me: 'secret' } });
    registry.manners.special = (path, response) => {
      if (response.req.method !== 'POST' || !path.endsWith('/uploads/')) return false;
      response.writeHead(202, { location: `http://${other.host}/v2/team/app/blobs/uploads/x` }).end();
      return true;
    };
    await using session = await sessionWith(registry, { login: { username: 'me', password: 'secret' } });
    await assert.rejects(pushBlob(session, blobOf(bytes), { name: 'app' }));
    const put = other.seen.filter(({ method }) => method === 'PUT');
    assert.ok(put.length > 0 && put.every(({ authorization }) => authorization === undefined));
  });
});

describe('manifests are pushed', () => {
  const config = Buffer.from('{}');
  const manifest = (more: object = {}) =>
    json({
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: sha256(config), size: 2 },
      layers: [],
      ...more,
    });

  it('by tag or digest, and say whether the registry lists referrers', async () => {
    await using registry = await startRegistry();
    await using session = await sessionWith(registry);
    const subject = { mediaType: MANIFEST, digest: `sha256:${'1'.repeat(64)}`, size: 1 };
    const lacking = pushManifest(session, { bytes: manifest(), mediaType: MANIFEST, tag: '1' }, 'app');
    await assert.rejects(
      lacking,
      /app: manifest 1: .*lacks a blob of the manifest \(MANIFEST_BLOB_UNKNOWN here\)/,
    );
    registry.content.pushBlob('team/app', config);
    const plain = await pushManifest(session, { bytes: manifest(), mediaType: MANIFEST, tag: '1' }, 'app');
    assert.deepEqual(plain, { digest: sha256(manifest()), listsReferrers: false });
    assert.ok(registry.content.manifest('team/app', '1')?.bytes.equals(manifest()));
    const bytes = manifest({ subject });
    const noted = await pushManifest(session, { bytes, mediaType: MANIFEST }, 'app');
    assert.equal(noted.listsReferrers, true);
    registry.manners.referrers = false;
    assert.equal((await pushManifest(session, { bytes, mediaType: MANIFEST }, 'app')).listsReferrers, false);
    assert.ok(registry.content.manifest('team/app', noted.digest));
  });

  it('are refused where they are too big', async () => {
    await using registry = await startRegistry();
    await using session = await sessionWith(registry);
    const bytes = Buffer.alloc(5 * 1024 ** 2, 32);
    await assert.rejects(pushManifest(session, { bytes, mediaType: MANIFEST }, 'app'), /exceeds the limit/);
  });
});
