import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { AppError } from '../errors.ts';
import { openTarget, type TargetOptions } from './open-target.ts';
import { openArchive } from './target/archive.ts';
import {
  archive,
  type BuiltImage,
  type Contents,
  image,
  index,
  json,
  layout,
  sha256,
  tar,
  writeAll,
} from './target/builder.fixture.ts';
import { hostPlatform } from './target/platform.ts';

let root = '';
before(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'target-')));
});
after(() => rmSync(root, { recursive: true, force: true }));

const at = (path: string) => join(root, path);
const spool = () => at('spool');

function options(extra: Partial<TargetOptions> = {}): TargetOptions {
  return { signal: AbortSignal.timeout(20_000), spoolDir: spool(), env: {}, ...extra };
}

async function opened(text: string, extra: Partial<TargetOptions> = {}) {
  await using target = await openTarget(text, options(extra));
  const { name, kind, manifest } = target;
  const digests = manifest.layers.map(({ uri }) => (uri.startsWith('file:') ? digestAt(uri) : ''));
  return { name, kind, hash: manifest.hash, layers: manifest.layers, digests };
}

/** The digest of the bytes that a layer's URI stands for. */
function digestAt(uri: string): string {
  const url = new URL(uri);
  const bytes = readFileSync(fileURLToPath(url));
  const offset = Number(url.searchParams.get('offset') ?? 0);
  const length = Number(url.searchParams.get('length') ?? bytes.length);
  return sha256(bytes.subarray(offset, offset + length));
}

async function refused(text: string, message: RegExp, extra: Partial<TargetOptions> = {}) {
  await assert.rejects(opened(text, extra), (error) => {
    assert.ok(error instanceof AppError, String(error));
    assert.equal(error.code, 'bad-target');
    assert.match(error.message, message);
    return true;
  });
}

const amd = image(['base', 'amd64']);
const arm = image(['base', 'arm64'], 'linux/arm64/v8');
const tagged = ({ descriptor }: Pick<BuiltImage, 'descriptor'>, name: string) => ({
  ...descriptor,
  annotations: { 'org.opencontainers.image.ref.name': name },
});
const blobs = [...amd.blobs, ...arm.blobs];

function write(name: string, contents: Contents): string {
  writeAll(at(name), contents);
  return at(name);
}

function writeFile(name: string, bytes: Buffer): string {
  writeFileSync(at(name), bytes);
  return at(name);
}

describe('directories', () => {
  it('are one layer that is named by its place', async () => {
    mkdirSync(at('rootfs with space'));
    symlinkSync('rootfs with space', at('link'));
    const hash = `sha256:${createHash('sha256')
      .update(`dir:${at('rootfs with space')}`)
      .digest('hex')}`;
    const uri = `dir:${pathToFileURL(at('rootfs with space')).href.slice('file:'.length)}`;
    for (const text of [`dir:${at('link')}`, at('link')]) {
      const { kind, hash: found, layers } = await opened(text);
      assert.deepEqual([kind, found, layers], ['dir', hash, [{ hash, uri, headers: {} }]]);
    }
  });

  it('have to be there', async () => {
    await refused(`dir:${at('absent')}`, /absent: file or directory not found/);
    await refused(`dir:${writeFile('plain', Buffer.from('x'))}`, /not a directory/);
    await refused('dir:', /names no path/);
  });
});

describe('OCI layouts', () => {
  it('of one image need no choice', async () => {
    const path = write('one', layout([{ ...amd.descriptor, platform: undefined }], amd.blobs));
    for (const text of [`oci:${path}`, path]) {
      const { kind, hash, digests, layers } = await opened(text);
      assert.deepEqual([kind, hash, digests], ['oci', amd.digest, amd.layers]);
      assert.deepEqual(
        layers.map((layer) => layer.hash),
        amd.layers,
      );
    }
  });

  it('are chosen from by tag, full name or digest', async () => {
    const full = {
      ...arm.descriptor,
      annotations: { 'io.containerd.image.name': 'docker.io/library/app:two' },
    };
    const path = write('tags:odd', layout([tagged(amd, 'one'), full], blobs));
    assert.equal((await opened(`oci:${path}:one`)).hash, amd.digest);
    assert.equal((await opened(`oci:${path}:two`)).hash, arm.digest);
    assert.equal((await opened(`oci:${path}@${arm.digest}`)).hash, arm.digest);
    await refused(
      `oci:${path}`,
      /several images\. Select one with .*:TAG of one, docker\.io\/library\/app:two/,
    );
    await refused(`oci:${path}:three`, /no image "three": it has one, docker/);
  });

  it('are chosen from by platform, also in nested indexes beside attestations', async () => {
    const attestation = {
      ...image(['proof']).descriptor,
      platform: { os: 'unknown', architecture: 'unknown' },
    };
    const nested = index([amd.descriptor, arm.descriptor, attestation]);
    const outer = index([nested.descriptor]);
    const all = [...blobs, [sha256(nested.bytes), nested.bytes], [sha256(outer.bytes), outer.bytes]] as const;
    const path = write('multi', layout([tagged(outer, 'v1')], all));
    assert.equal((await opened(path, { platform: 'linux/arm64' })).hash, arm.digest);
    assert.equal((await opened(`oci:${path}:v1`, { platform: 'linux/x86_64' })).hash, amd.digest);
    const { architecture } = hostPlatform();
    if (architecture === 'amd64') assert.equal((await opened(path)).hash, amd.digest);
    await refused(path, /no image for linux\/s390x. Available: linux\/amd64, linux\/arm64\/v8/, {
      platform: 'linux/s390x',
    });
    await refused(path, /is not a valid platform/, { platform: 'arm64' });
  });

  it('tell the platform of an image that only its config knows', async () => {
    const path = write('config', layout([{ ...arm.descriptor, platform: undefined }], arm.blobs));
    await refused(path, /no image for linux\/amd64. Available: linux\/arm64\/v8/, {
      platform: 'linux/amd64',
    });
    assert.equal((await opened(path)).hash, arm.digest);
  });

  it('may hold only some of the images of an index', async () => {
    const nested = index([amd.descriptor, arm.descriptor]);
    const path = write(
      'sparse',
      layout([nested.descriptor], [...arm.blobs, [sha256(nested.bytes), nested.bytes]]),
    );
    assert.equal((await opened(path, { platform: 'linux/arm64' })).hash, arm.digest);
    await refused(path, /no image for linux\/amd64 \(sha256:\w+ is missing\)/, { platform: 'linux/amd64' });
  });

  it('are told of when they are broken', async () => {
    await refused(`oci:${at('absent')}`, /file or directory not found/);
    mkdirSync(at('hollow'));
    await refused(`oci:${at('hollow')}`, /not an OCI image layout: index\.json not found/);
    await refused(`oci:${write('empty', layout([], []))}`, /is empty/);
    await refused(`oci:${write('nojson', new Map([['index.json', Buffer.from('{')]]))}`, /not JSON/);
    await refused(
      `oci:${write('wrong', new Map([['index.json', json([1])]]))}`,
      /neither an image manifest nor/,
    );
    await refused(`oci:${write('bare', layout([amd.descriptor], []))}`, /is missing/);
    const lost = [...amd.blobs].filter(([digest]) => digest !== amd.layers[1]);
    await refused(`oci:${write('lost', layout([amd.descriptor], lost))}`, /the layer sha256:\w+ is missing/);
    const bent = [...amd.blobs].map(
      ([digest, bytes]) => [digest, digest === amd.digest ? json({}) : bytes] as const,
    );
    await refused(`oci:${write('bent', layout([amd.descriptor], bent))}`, /is damaged/);
    const odd = { ...amd.descriptor, digest: 'sha256:../../../etc/passwd' };
    await refused(`oci:${write('odd', layout([odd], amd.blobs))}`, /malformed digest/);
    const chart = image(['chart'], 'linux/amd64', 'application/vnd.cncf.helm.config.v1+json');
    await refused(
      `oci:${write('chart', layout([chart.descriptor], chart.blobs))}`,
      /is an artifact, not a container image/,
    );
  });

  it('reach nothing outside of their directory', async () => {
    const path = write('escape', layout([amd.descriptor], [...amd.blobs].slice(1)));
    const name = amd.digest.slice('sha256:'.length);
    writeFile('outside', amd.blobs.get(amd.digest)!);
    symlinkSync(at('outside'), join(path, 'blobs/sha256', name));
    await refused(path, /is missing/);
  });
});

describe('archives of OCI layouts', () => {
  const bytes = archive(layout([amd.descriptor], amd.blobs));
  for (const [name, packed] of [
    ['plain', bytes],
    ['gzip', gzipSync(bytes)],
    ['zstd', zstdCompressSync(bytes)],
    [
      'frames',
      Buffer.concat([bytes.subarray(0, 1000), bytes.subarray(1000)].map((part) => zstdCompressSync(part))),
    ],
  ] as const) {
    it(`are read ${name}`, async () => {
      const path = writeFile(`oci-${name}.tar`, packed);
      for (const text of [`oci-archive:${path}`, path]) {
        const { kind, hash, digests } = await opened(text);
        assert.deepEqual([kind, hash, digests], ['oci-archive', amd.digest, amd.layers]);
      }
      assert.deepEqual(readdirSync(at('.')).includes('spool') ? readdirSync(spool()) : [], []);
    });
  }

  it('are unpacked up to a limit', async () => {
    const path = writeFile('big.tar.gz', gzipSync(bytes));
    const archived = openArchive(path, { ...options(), spoolLimit: bytes.length - 1 });
    await assert.rejects(archived, /could not be decompressed to .*exceeds the limit of \d+ bytes/);
    assert.deepEqual(readdirSync(spool()), []);
  });

  it('are told of when they are broken', async () => {
    await refused(writeFile('cut.tar', bytes.subarray(0, bytes.length - 2000)), /truncated/);
    await refused(writeFile('cut.tar.gz', gzipSync(bytes).subarray(0, 500)), /could not be decompressed/);
    await refused(
      writeFile('text', Buffer.alloc(2000, 'text')),
      /not a readable tar archive: .*bad block at 0/,
    );
    await refused(
      writeFile('other.tar', tar([{ path: 'a' }])),
      /is not an image: it contains neither .* root file system, and scan it: dir:PATH/,
    );
    for (const [begins, want] of [
      ['\xfd7zXZ\0', /compressed with xz: decompress it first/],
      ['BZh91AY', /compressed with bzip2: decompress it first/],
      ['PK\x03\x04', /a ZIP archive: put it into a directory and scan that: dir:PATH/],
      ['\x7fELF', /a program: put it into a directory/],
    ] as const)
      await refused(writeFile('other', Buffer.from(begins.padEnd(700, 'x'), 'latin1')), want);
    await refused(`docker-archive:${writeFile('oci2.tar', bytes)}`, /manifest\.json not found/);
    await refused(`oci:${writeFile('oci3.tar', bytes)}`, /For an archive, use oci-archive:/);
    await refused(writeFile('zero', Buffer.alloc(0)), /is not an image/);
    assert.deepEqual(readdirSync(spool()), []);
  });

  it('survive any damage', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 5 }),
        fc.option(fc.nat(bytes.length)),
        async (changes, cut) => {
          const copy = Buffer.from(bytes.subarray(0, cut ?? undefined));
          for (const [place, value] of changes) if (place < copy.length) copy[place] = value;
          try {
            await opened(`oci-archive:${writeFile('fuzz.tar', copy)}`);
          } catch (error) {
            assert.ok(error instanceof AppError && error.code === 'bad-target', String(error));
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('archives of docker save', () => {
  const plain = ['base', 'top'].map((text) => tar([{ path: 'file', content: Buffer.from(text) }]));
  const config = json({ os: 'linux', architecture: 'arm64', rootfs: { diff_ids: plain.map(sha256) } });
  const long = `${'d'.repeat(120)}/layer.tar`;
  const saved = (Layers: string[], RepoTags: string[] | null = ['app:1']) => ({
    Config: 'config.json',
    RepoTags,
    Layers,
  });
  const members = (images: unknown[]) => [
    { path: 'a/layer.tar', content: plain[0]! },
    { path: `./${long}`, content: plain[1]! },
    { path: 'c/layer.tar', type: '2', link: `../${long}` },
    { path: 'd/layer.tar', type: '1', link: 'a/layer.tar' },
    { path: 'z/layer.tar', content: gzipSync(plain[0]!) },
    { path: 'config.json', content: config },
    { path: 'manifest.json', content: json(images) },
  ];

  for (const pax of [false, true]) {
    it(`are read in place, with ${pax ? 'pax' : 'GNU'} names`, async () => {
      const path = writeFile('docker.tar', tar(members([saved(['a/layer.tar', long])]), pax));
      for (const text of [
        `docker-archive:${path}`,
        `docker-archive:${path}:1`,
        `docker-archive:${path}:app:1`,
        path,
      ]) {
        const { kind, hash, layers, digests } = await opened(text);
        assert.deepEqual([kind, hash, digests], ['docker-archive', sha256(config), plain.map(sha256)]);
        assert.deepEqual(
          layers.map((layer) => layer.hash),
          plain.map(sha256),
        );
      }
    });
  }

  it('are read from a bounded copy when compressed', async () => {
    const path = writeFile('docker.tar.gz', gzipSync(tar(members([saved(['a/layer.tar', long])]))));
    assert.deepEqual((await opened(path)).digests, plain.map(sha256));
    assert.deepEqual(readdirSync(spool()), []);
  });

  it('may link layers and compress them', async () => {
    const images = [saved(['d/layer.tar', 'c/layer.tar', 'z/layer.tar'])];
    const { layers, digests } = await opened(writeFile('linked.tar', tar(members(images))));
    assert.deepEqual(digests, [...plain, gzipSync(plain[0]!)].map(sha256));
    assert.deepEqual(
      layers.map((layer) => layer.hash),
      digests,
    );
  });

  it('are told of when a choice is missing or something is broken', async () => {
    const two = writeFile('two.tar', tar(members([saved(['a/layer.tar']), saved([long], ['app:2'])])));
    await refused(two, /several images\. Select one with docker-archive:.*two\.tar:TAG of app:1, app:2/);
    await refused(`docker-archive:${two}:3`, /no image "3": it has app:1, app:2/);
    assert.deepEqual((await opened(`docker-archive:${two}:app:2`)).digests, [sha256(plain[1]!)]);
    await refused(writeFile('none.tar', tar(members([]))), /is empty/);
    await refused(
      writeFile('lost.tar', tar(members([saved(['x/layer.tar'])]))),
      /the layer x\/layer\.tar is missing/,
    );
    await refused(
      writeFile('loop.tar', tar([{ path: 'manifest.json', type: '2', link: 'manifest.json' }])),
      /is not an image/,
    );
    const one = writeFile('one.tar', tar(members([saved(['a/layer.tar'])])));
    await refused(one, /no image for linux\/amd64. Available: linux\/arm64/, { platform: 'linux/amd64' });
    await refused(
      writeFile('odd.tar', tar([{ path: 'manifest.json', content: json({}) }])),
      /not in the format of docker save/,
    );
  });
});

describe('other targets', () => {
  it('are refused with what was tried', async () => {
    await refused('./absent', /\.\/absent: file or directory not found/);
    await refused(
      'No Such Image',
      /not a supported target: no file or directory of that name exists, and .*expected dir:PATH/,
    );
    await refused('/dev/null', /not a regular file/);
  });

  it('end with the signal', async () => {
    const path = writeFile('abort.tar', archive(layout([amd.descriptor], amd.blobs)));
    await assert.rejects(openTarget(path, options({ signal: AbortSignal.abort() })), { name: 'AbortError' });
  });
});
