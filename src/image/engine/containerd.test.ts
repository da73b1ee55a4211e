import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { openTarget } from '../open-target.ts';
import { type BuiltImage, image, index } from '../target/builder.fixture.ts';
import { openBolt } from './bolt.ts';

/** Made by bbolt itself: scripts/gen-containerd-fixture.go. */
const database = gunzipSync(readFileSync(join(import.meta.dirname, 'fixtures/containerd.db.gz')));
const digestOf = (n: number) => `sha256:${n.toString(16).padStart(64, '0')}`;
const root = mkdtempSync(join(tmpdir(), 'containerd-'));
const amd = image(['amd']);
const arm = image(['arm'], 'linux/arm64');
const both = index([amd.descriptor, arm.descriptor]);

/** The database with other digests in place of those of the script: they are as long. */
function written(
  folder: string,
  digests: Readonly<Record<string, string>>,
  images: readonly BuiltImage[],
): void {
  let text = database.toString('latin1');
  for (const [from, to] of Object.entries(digests)) text = text.replaceAll(from, to);
  const put = (path: string, bytes: Buffer) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  };
  put('io.containerd.metadata.v1.bolt/meta.db', Buffer.from(text, 'latin1'));
  const blobs = images.flatMap(({ blobs: own }) => [...own]);
  for (const [digest, bytes] of [...blobs, [both.descriptor.digest as string, both.bytes] as const])
    put(`io.containerd.content.v1.content/blobs/${digest.replace(':', '/')}`, bytes);
}

before(() => {
  const names = {
    [digestOf(1)]: both.descriptor.digest as string,
    [digestOf(2)]: amd.digest,
    [digestOf(1042)]: arm.digest,
  };
  written(root, names, [amd, arm]);
});
after(() => rmSync(root, { recursive: true, force: true }));

async function open(text: string, env: NodeJS.ProcessEnv = {}, platform?: string) {
  const options = {
    signal: AbortSignal.timeout(20_000),
    spoolDir: root,
    env: { CONTAINERD_ROOT: root, ...env },
  };
  await using target = await openTarget(text, { ...options, ...(platform && { platform }) });
  return [target.kind, target.name, target.manifest.hash] as const;
}

describe('images of containerd', () => {
  it('are found by name in all namespaces, or in one, or by digest', async () => {
    const shown = 'registry.test/app:1';
    assert.deepEqual(await open('containerd:registry.test/app:1', {}, 'linux/amd64'), [
      'containerd',
      shown,
      amd.digest,
    ]);
    assert.deepEqual(await open('containerd:registry.test/app:1', {}, 'linux/arm64'), [
      'containerd',
      shown,
      arm.digest,
    ]);
    const inOne = await open('containerd:registry.test/other:1', { CONTAINERD_NAMESPACE: 'k8s.io' });
    assert.deepEqual(inOne, ['containerd', 'registry.test/other:1', amd.digest]);
    assert.deepEqual(await open(`containerd:${arm.digest}`), ['containerd', arm.digest, arm.digest]);
    const many = 'registry.test/many/image-0042:latest';
    assert.deepEqual(await open('containerd:registry.test/many/image-0042'), [
      'containerd',
      many,
      arm.digest,
    ]);
  });

  it('say what is wrong', async () => {
    const cases: [string, NodeJS.ProcessEnv, RegExp][] = [
      ['nosuch', {}, /containerd has no image docker\.io\/library\/nosuch:latest\. Scan docker:/],
      [
        'registry.test/app:1',
        { CONTAINERD_NAMESPACE: 'moby' },
        /no image registry\.test\/app:1 in the namespace moby/,
      ],
      [
        'registry.test/other:1',
        {},
        /several namespaces have an image with this name: set CONTAINERD_NAMESPACE to one of k8s\.io, moby/,
      ],
      ['registry.test/many/image-0001:latest', {}, /missing.*discard_unpacked_layers/],
      ['registry.test/many/image-0007:latest', {}, /containerd has no image/],
      ['sha256:xyz', {}, /containerd:sha256:xyz: /],
      [
        'app',
        { CONTAINERD_ROOT: join(root, 'none') },
        /no directory here: none of \S+ has .*meta\.db\. Set CONTAINERD_ROOT/,
      ],
    ];
    for (const [name, env, wanted] of cases)
      await assert.rejects(open(`containerd:${name}`, env), wanted, name);
    const damaged = join(root, 'damaged');
    mkdirSync(join(damaged, 'io.containerd.metadata.v1.bolt'), { recursive: true });
    writeFileSync(join(damaged, 'io.containerd.metadata.v1.bolt/meta.db'), Buffer.alloc(8192, 7));
    await assert.rejects(
      open('containerd:app', { CONTAINERD_ROOT: damaged }),
      /containerd:app: cannot read \S+meta\.db: it is not a bbolt database/,
    );
  });
});

describe('databases of bbolt', () => {
  const path = join(root, 'bolt.db');
  const read = async (bytes: Buffer) => {
    writeFileSync(path, bytes);
    await using bolt = await openBolt(path);
    const names = await bolt.buckets(['v1', 'k8s.io', 'images'], 1000);
    const values = [];
    for (const name of names)
      values.push(await bolt.get(['v1', 'k8s.io', 'images', name, 'target', 'digest']));
    return { names, values: values.map(String), generation: await bolt.generation() };
  };

  it('are read through branches and inline buckets', async () => {
    const { names, values, generation } = await read(database);
    assert.equal(names.length, 91);
    assert.deepEqual(names, names.toSorted());
    assert.deepEqual(values.slice(0, 3), [digestOf(1), digestOf(1000), digestOf(1001)]);
    assert.ok(generation >= 3n);
  });

  it('are read by the other meta page if one is torn', async () => {
    const whole = await read(database);
    const torn = Buffer.from(database);
    const newer = whole.generation % 2n === 0n ? 0 : 4096;
    torn[newer + 16 + 20] = 0xff;
    assert.equal((await read(torn)).generation, whole.generation - 1n);
  });

  it('never hang or read beyond the end, whatever they hold', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(60_000), fc.nat(255)), { maxLength: 20 }),
        fc.integer({ min: 100, max: database.length }),
        async (changes, length) => {
          const bytes = Buffer.from(database.subarray(0, length));
          for (const [at, value] of changes) if (at >= 8192 && at < length) bytes[at] = value;
          await read(bytes).catch((error: unknown) => assert.ok(error instanceof Error));
        },
      ),
      { numRuns: 60 },
    );
  });
});
