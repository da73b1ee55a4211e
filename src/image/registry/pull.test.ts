import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { AppError } from '../../errors.ts';
import { fakeClock } from '../../lib/clock.fixture.ts';
import { fetchLayer } from '../layer/fetch-layer.ts';
import { createLayerBudget, DEFAULT_LIMITS } from '../layer/layer-limits.ts';
import { openTarget, type RegistryFlags } from '../open-target.ts';
import { image, index, json, layout, sha256 } from '../target/builder.fixture.ts';
import { parseReference } from './reference.ts';
import { readRegistry } from './registry.ts';
import { type RegistryServerOptions, startRegistry, type TestRegistry } from './server.fixture.ts';

const root = mkdtempSync(join(tmpdir(), 'pull-'));
after(() => rmSync(root, { recursive: true, force: true }));

/** Layers that do not compress: breaking off in the middle is in the middle. */
const big = image(['first', 'second'].map((name) => name + randomBytes(300_000).toString('latin1')));
const RETRY = { tries: 4, backoff: 1, longest: 2000 };

async function served(options: RegistryServerOptions): Promise<TestRegistry> {
  const registry = await startRegistry(options);
  registry.content.pushLayout('team/app', layout([big.descriptor], big.blobs));
  return registry;
}

interface Pull {
  readonly flags?: RegistryFlags;
  readonly env?: NodeJS.ProcessEnv;
  readonly name?: string;
  /** Called for each layer before it is fetched. */
  readonly before?: () => void;
}

/** Opens the image and fetches its layers one after the other; gives the bytes that were counted. */
async function pull(registry: TestRegistry, { flags, env = {}, name, before }: Pull = {}): Promise<number> {
  const signal = AbortSignal.timeout(20_000);
  const text = `docker://${registry.host}/${name ?? 'team/app'}`;
  await using target = await openTarget(text, {
    ...{ signal, spoolDir: root, env },
    registry: { retry: RETRY, ...flags },
  });
  let counted = 0;
  for (const layer of structuredClone(target.manifest.layers)) {
    before?.();
    let last = 0;
    const onBytes = (bytes: number) => {
      assert.ok(bytes >= last, 'progress goes forward');
      last = bytes;
    };
    const budget = createLayerBudget(DEFAULT_LIMITS, () => false);
    const sink = { write() {}, end() {} };
    await fetchLayer(layer, { signal, budget, allowLocal: true, onBytes, retry: RETRY }, sink);
    counted += last;
  }
  return counted;
}

const SIZE = big.layers.reduce((sum, digest) => sum + big.blobs.get(digest)!.length, 0);

function loggedIn(registry: TestRegistry, entry: unknown): NodeJS.ProcessEnv {
  const path = join(mkdtempSync(join(root, 'auth-')), 'auth.json');
  writeFileSync(path, json({ auths: { [`${registry.host}/team`]: entry } }));
  return { REGISTRY_AUTH_FILE: path };
}

describe('layers of registries', () => {
  it('are fetched with a login, of either kind', async () => {
    for (const auth of ['basic', 'bearer'] as const) {
      await using registry = await served({ auth, users: { me: 'secret' } });
      const entry = { auth: Buffer.from('me:secret').toString('base64') };
      assert.equal(await pull(registry, { env: loggedIn(registry, entry) }), SIZE);
      const login = { username: 'me', password: 'secret' };
      assert.equal(await pull(registry, { flags: { login } }), SIZE);
      await assert.rejects(
        pull(registry, { flags: { login: { ...login, password: 'wrong' } } }),
        /the given credentials were rejected$/,
      );
    }
  });

  it('are fetched with a refresh token', async () => {
    await using registry = await served({ auth: 'bearer', users: { me: 'x' }, identityTokens: ['again'] });
    assert.equal(await pull(registry, { env: loggedIn(registry, { identitytoken: 'again' }) }), SIZE);
  });

  it('are asked for with another token when theirs ran out', async () => {
    await using registry = await served({ auth: 'bearer', tokenUses: 2, breaks: 2, breakAfter: 50_000 });
    assert.equal(await pull(registry), SIZE);
    assert.ok(registry.seen.filter(({ path }) => path === '/token').length >= 3);
  });

  it('are fetched from other hosts, which get no credentials', async () => {
    await using registry = await served({
      ...{ auth: 'bearer', storage: true, presignedUses: 1, breaks: 3, breakAfter: 100_000 },
    });
    assert.equal(await pull(registry), SIZE);
    const there = registry.seen.filter(({ host }) => host === registry.storageHost);
    assert.ok(there.length >= 7 && there.every(({ authorization }) => authorization === undefined));
    assert.ok(there.some(({ range }) => range === 'bytes=100000-'));
    assert.equal(new Set(there.map(({ query }) => query)).size, there.length, 'each address is used once');
  });

  it('are gone on with where they broke off', async () => {
    await using registry = await served({ breaks: 4, breakAfter: 120_000 });
    assert.equal(await pull(registry), SIZE);
    const ranges = registry.seen.map(({ range }) => range).filter(Boolean);
    assert.deepEqual(ranges.slice(2, 5), ['bytes=120000-', 'bytes=240000-', 'bytes=120000-']);
  });

  it('come again from their start where there are no ranges', async () => {
    await using registry = await served({ breaks: 2, breakAfter: 120_000, ranges: false });
    assert.equal(await pull(registry), SIZE);
  });

  it('are not glued together of two files', async () => {
    for (const changed of [{ etag: '"2"' }, { 'content-range': 'bytes 7-9/10' }, {}]) {
      await using registry = await served({ breaks: 1, breakAfter: 120_000 });
      registry.manners.special = (path, response) => {
        const { range } = response.req.headers;
        if (!path.includes('/blobs/') || !range || range === 'bytes=0-0') return false;
        response.writeHead(206, { 'content-range': 'bytes 120000-120003/120004', ...changed }).end('evil');
        return true;
      };
      await assert.rejects(pull(registry), {
        code: 'layer-unavailable',
        message: /then it was another file \(another (?:ETag|range|size)\)/,
      });
    }
  });

  it('are given up when it breaks off again and again', async () => {
    await using registry = await served({ breaks: 100, breakAfter: 10 });
    await assert.rejects(pull(registry), { code: 'layer-unavailable' });
    assert.ok(registry.seen.length < 20);
  });

  it('are waited for when there are too many requests', async () => {
    await using registry = await served({ busy: 2, retryAfter: '0' });
    assert.equal(await pull(registry), SIZE);
    await using slow = await served({ busy: 1, retryAfter: '1' });
    const clock = fakeClock();
    await readRegistry(parseReference(`${slow.host}/team/app`), {
      ...{ env: {}, insecure: false, signal: AbortSignal.timeout(9000), retry: { ...RETRY, clock } },
    });
    assert.deepEqual([...new Set(clock.slept)], [1000]);
    await using strict = await served({ busy: 1, retryAfter: '3600' });
    await assert.rejects(
      pull(strict),
      /rate limit of the registry reached \(429\).*\. Retry later, or log in/,
    );
    assert.equal(
      strict.seen.length,
      1 + strict.seen.filter(({ path }) => path !== strict.seen[0]?.path).length,
    );
  });

  it('cannot be renewed for a reference of a client', async () => {
    await using registry = await served({ auth: 'bearer', tokenUses: 4 });
    await using target = await openTarget(`docker://${registry.host}/team/app`, {
      ...{ signal: AbortSignal.timeout(9000), spoolDir: root, env: {} },
    });
    const [layer] = target.manifest.layers;
    const budget = createLayerBudget(DEFAULT_LIMITS, () => false);
    registry.manners.tokenUses = 0;
    await assert.rejects(
      fetchLayer(
        layer!,
        { signal: AbortSignal.timeout(9000), budget, retry: RETRY },
        { write() {}, end() {} },
      ),
      /unexpected status code: "401/,
    );
  });

  it('are told of when the registry has them no more', async () => {
    await using registry = await served({ auth: 'bearer' });
    const before = () => {
      registry.manners.tokenUses = 0;
      registry.manners.users = { nobody: 'else' };
    };
    await assert.rejects(pull(registry, { before }), {
      code: 'layer-unavailable',
      message: /token server .* returned status 401; no credentials for/,
    });
  });
});

describe('documents of registries', () => {
  it('are read when they are Docker’s, and told of when they are of schema 1 or no image', async () => {
    await using registry = await served({});
    const manifest = JSON.parse(big.blobs.get(big.digest)!.toString('utf8'));
    const docker = 'application/vnd.docker';
    const docker2 = json({
      ...manifest,
      mediaType: `${docker}.distribution.manifest.v2+json`,
      config: { ...manifest.config, mediaType: `${docker}.container.image.v1+json` },
    });
    registry.content.push('team/app', 'docker', docker2);
    assert.equal(await pull(registry, { name: 'team/app:docker' }), SIZE);
    registry.content.push('team/app', 'old', json({ schemaVersion: 1, fsLayers: [] }));
    await assert.rejects(pull(registry, { name: 'team/app:old' }), /old schema 1/);
    registry.content.push('team/app', 'both', json({ ...manifest, manifests: [big.descriptor] }));
    await assert.rejects(pull(registry, { name: 'team/app:both' }), /an image manifest and an image index/);
    const artifact = image(['chart'], 'linux/amd64', 'application/vnd.cncf.helm.config.v1+json');
    registry.content.push('team/app', 'chart', artifact.blobs.get(artifact.digest)!);
    await assert.rejects(pull(registry, { name: 'team/app:chart' }), /is an artifact, not a container image/);
  });

  it('skip attestations, and end when indexes go round', async () => {
    await using registry = await served({});
    const attestation = {
      ...big.descriptor,
      digest: sha256(Buffer.from('x')),
      platform: platform('unknown'),
    };
    const list = index([attestation, { ...big.descriptor, platform: platform('linux') }]);
    registry.content.push('team/app', 'list', list.bytes);
    assert.equal(await pull(registry, { name: 'team/app:list' }), SIZE);
    let nested = index([{ ...attestation, platform: undefined, digest: big.digest }]);
    for (let depth = 0; depth < 8; depth++) {
      nested = index([nested.descriptor]);
      registry.content.push('team/app', `depth${depth}`, nested.bytes);
    }
    await assert.rejects(pull(registry, { name: 'team/app:depth7' }), /holds no image .*(nested|not found)/);
  });

  it('come from where the platform is served', async () => {
    await using registry = await served({});
    registry.content.push(
      'team/app',
      'list',
      index([{ ...big.descriptor, platform: platform('plan9') }]).bytes,
    );
    assert.equal(await pull(registry, { name: 'team/app:list' }), SIZE, 'the only one there is');
    const other = image(['other']);
    const two = [
      { ...big.descriptor, platform: platform('plan9') },
      { ...other.descriptor, platform: platform('windows') },
      { ...big.descriptor, platform: platform('haiku') },
    ];
    registry.content.push('team/app', 'two', index(two).bytes);
    await assert.rejects(pull(registry, { name: 'team/app:two' }), (error: unknown) => {
      assert.ok(error instanceof AppError);
      assert.match(error.message, /has no image for linux\/.*. Available: plan9\/x, windows\/x, haiku\/x\./);
      return true;
    });
  });
});

function platform(os: string) {
  return { os, architecture: os === 'linux' ? goArch() : 'x' };
}

function goArch(): string {
  return process.arch === 'x64' ? 'amd64' : process.arch;
}
