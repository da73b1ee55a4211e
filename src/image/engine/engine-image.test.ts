import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openTarget, type TargetOptions } from '../open-target.ts';
import { startRegistry } from '../registry/server.fixture.ts';
import { archive, type Contents, image, json, layout, sha256, tar } from '../target/builder.fixture.ts';
import { startEngine, type TestEngine } from './engine.fixture.ts';

const root = mkdtempSync(join(tmpdir(), 'engine-'));
after(() => rmSync(root, { recursive: true, force: true }));

const spoolDir = join(root, 'spool');
const app = image(['one', 'two']);
const ID = `sha256:${'a'.repeat(64)}`;
const DIGEST = `sha256:${'d'.repeat(64)}`;
const NONE = {
  DOCKER_HOST: `unix://${join(root, 'none.sock')}`,
  CONTAINER_HOST: `unix://${join(root, 'none.sock')}`,
};

/** As `docker save` writes an image: layers first, manifest.json last. */
function saved(texts: readonly string[], platform = 'linux/amd64'): Buffer {
  const [os, architecture] = platform.split('/');
  const layers = texts.map((text) => tar([{ path: 'file', content: Buffer.from(text) }]));
  const config = json({ os, architecture, rootfs: { type: 'layers', diff_ids: layers.map(sha256) } });
  const paths = layers.map((bytes) => `${sha256(bytes).slice(7)}/layer.tar`);
  const contents: [string, Buffer][] = [
    ...layers.map((bytes, index): [string, Buffer] => [paths[index]!, bytes]),
    ['config.json', config],
    ['manifest.json', json([{ Config: 'config.json', RepoTags: null, Layers: paths }])],
  ];
  return archive(new Map(contents) as Contents);
}

function give(engine: TestEngine, name: string, bytes: Buffer, more: object = {}): void {
  const inspect = { Id: ID, RepoTags: ['docker.io/team/app:1'], Os: 'linux', Architecture: 'amd64', ...more };
  for (const each of [name, ID]) engine.images.set(each, { inspect, archive: bytes });
}

async function open(text: string, env: NodeJS.ProcessEnv, extra: Partial<TargetOptions> = {}) {
  const notes: string[] = [];
  const options = { signal: AbortSignal.timeout(20_000), spoolDir, env, ...extra };
  await using target = await openTarget(text, { note: (note) => notes.push(note), ...options });
  const digests = target.manifest.layers.map(({ hash, uri }) => {
    if (!uri.startsWith('file:')) return hash;
    const url = new URL(uri);
    const [offset, length] = ['offset', 'length'].map((name) => Number(url.searchParams.get(name)));
    const bytes = readFileSync(fileURLToPath(url)).subarray(offset, offset! + length!);
    return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  });
  const { name, kind, manifest, indexes, names } = target;
  return { name, kind, layers: manifest.layers.map(({ hash }) => hash), digests, indexes, names, notes };
}

function left(): string[] {
  try {
    return readdirSync(spoolDir);
  } catch {
    return [];
  }
}

describe('images of Docker and Podman', () => {
  it('are read from the archive that the engine gives, of either kind, and nothing is left of it', async () => {
    const socket = join(root, 'both.sock');
    await using engine = await startEngine(socket);
    for (const bytes of [saved(['one', 'two']), archive(layout([app.descriptor], app.blobs))]) {
      give(engine, 'team/app:1', bytes, { RepoDigests: [`docker.io/team/app@${DIGEST}`] });
      for (const kind of ['docker', 'podman'] as const) {
        const env = { ...NONE, [kind === 'docker' ? 'DOCKER_HOST' : 'CONTAINER_HOST']: engine.host };
        const found = await open(`${kind}:team/app:1`, env);
        assert.deepEqual([found.kind, found.name], [kind, 'docker.io/team/app:1']);
        assert.equal(found.layers.length, 2);
        assert.deepEqual(found.digests, found.layers, 'the bytes are those of the layers');
        assert.deepEqual([found.indexes, found.names], [[DIGEST], ['docker.io/team/app:1']]);
      }
    }
    assert.deepEqual(engine.seen.slice(0, 2), ['/images/team/app:1/json', `/images/${ID}/get`]);
    assert.deepEqual(left(), []);
  });

  it('are read over TCP, and by the context of Docker’s client', async () => {
    await using engine = await startEngine();
    give(engine, 'app', saved(['one']));
    assert.equal((await open('docker:app', { ...NONE, DOCKER_HOST: engine.host })).layers.length, 1);
    const config = join(root, 'config');
    const meta = join(config, 'contexts/meta', sha256(Buffer.from('far')).slice(7), 'meta.json');
    mkdirSync(dirname(meta), { recursive: true });
    writeFileSync(meta, json({ Name: 'far', Endpoints: { docker: { Host: engine.host } } }));
    writeFileSync(join(config, 'config.json'), json({ currentContext: 'far' }));
    assert.equal((await open('docker:app', { DOCKER_CONFIG: config })).layers.length, 1);
    await assert.rejects(
      open('docker:app', { DOCKER_CONFIG: config, DOCKER_CONTEXT: 'near' }),
      /the context "near" of docker cannot be read: .*meta\.json/,
    );
  });

  it('say what is wrong', async () => {
    const socket = join(root, 'wrong.sock');
    await using engine = await startEngine(socket);
    const env = { ...NONE, DOCKER_HOST: engine.host };
    const cases: [string, string, NodeJS.ProcessEnv, RegExp, TestEngine['special']?][] = [
      [
        'no engine',
        'docker:app',
        NONE,
        /docker at unix:.*none\.sock could not be asked: there is no such socket/,
      ],
      [
        'no image',
        'docker:app',
        env,
        /docker:app: docker at unix:\S+ has no such image\. Pull it, or scan docker:\/\/app\./,
      ],
      ['no name', 'podman:', env, /names no image: expected podman:NAME/],
      ['a way out', 'docker:../../containers/app', env, /is not the name of an image/],
      [
        'ssh',
        'docker:app',
        { DOCKER_HOST: 'ssh://there' },
        /docker is at "ssh:\/\/there", which cannot be reached/,
      ],
      [
        'another service',
        'docker:app',
        env,
        /does not answer as the Docker Engine API/,
        (_, response) => Boolean(response.end('<html>')),
      ],
      [
        'an error',
        'docker:app',
        env,
        /answers 500 \(the disk is \[31mfull\)/,
        (_, response) =>
          Boolean(response.writeHead(500).end(json({ message: 'the disk is \u001b[31mfull' }))),
      ],
    ];
    for (const [what, text, of, wanted, special = () => false] of cases) {
      engine.special = special;
      await assert.rejects(open(text, of), (error: Error) => {
        assert.match(error.message.replaceAll('  ', ' '), wanted, what);
        return true;
      });
    }
    await assert.rejects(
      open('podman:app', { XDG_RUNTIME_DIR: join(root, 'run'), HOME: root }),
      /podman does not run here: no socket at \S+\/run\/podman\/podman\.sock, \S+\. Set CONTAINER_HOST\.|could not be asked|has no such image/,
    );
  });

  it('are not kept if their archive breaks off, is too big or is none', async () => {
    const socket = join(root, 'broken.sock');
    await using engine = await startEngine(socket);
    const env = { ...NONE, DOCKER_HOST: engine.host };
    const bytes = saved(['one']);
    give(engine, 'app', bytes.subarray(0, 700));
    await assert.rejects(open('docker:app', env), /docker:app is not a readable tar archive: .*truncated/);
    give(engine, 'app', tar([{ path: 'x' }]));
    await assert.rejects(open('docker:app', env), /docker:app is not an image/);
    give(engine, 'app', bytes);
    engine.special = (path, response) => {
      if (!path.endsWith('/get')) return false;
      response.writeHead(200, { 'content-length': bytes.length }).write(bytes.subarray(0, 700));
      setTimeout(() => response.destroy(), 20);
      return true;
    };
    await assert.rejects(
      open('docker:app', env),
      /the archive of docker.io\/library\/app:latest of docker could not be kept/,
    );
    assert.deepEqual(left(), []);
  });
});

describe('a bare name', () => {
  it('is the image of the engine that has it, which is told; else that of the registry', async () => {
    await using registry = await startRegistry();
    registry.content.pushLayout('team/app', layout([app.descriptor], app.blobs));
    const name = `${registry.host}/team/app:latest`;
    const socket = join(root, 'bare.sock');
    await using engine = await startEngine(socket);
    const env = { ...NONE, CONTAINER_HOST: engine.host };

    assert.equal((await open(name, { HOME: root, CONTAINER_HOST: engine.host })).kind, 'registry');
    assert.deepEqual((await open(name, env)).kind, 'registry');
    give(engine, name, saved(['one']), { RepoTags: [name] });
    const local = await open(name, env);
    assert.deepEqual([local.kind, local.layers.length], ['podman', 1]);
    assert.match(
      local.notes.join('\n'),
      /podman at unix:\S+ has \S+: it is scanned \(docker:\/\/\S+ asks the registry\)$/,
    );
    assert.equal((await open(`docker://${name}`, env)).kind, 'registry');
    const arm = { platform: 'linux/amd64' };
    give(engine, name, saved(['one'], 'linux/arm64'), { Architecture: 'arm64' });
    assert.equal((await open(name, env, arm)).kind, 'registry', 'another platform');
    assert.equal((await open(name, env)).kind, 'podman', 'no platform was asked for');
  });

  it('does not wait for an engine that hangs, and tells of one that cannot be asked', async () => {
    await using registry = await startRegistry();
    registry.content.pushLayout('team/app', layout([app.descriptor], app.blobs));
    const socket = join(root, 'hangs.sock');
    await using engine = await startEngine(socket);
    engine.special = () => true; // no answer
    const env = { DOCKER_HOST: engine.host, CONTAINER_HOST: 'ssh://there' };
    const { kind, notes } = await open(`${registry.host}/team/app`, env);
    assert.equal(kind, 'registry');
    assert.match(notes[0]!, /docker at unix:\S+ does not answer; it is passed over/);
    assert.match(notes[1]!, /podman is at "ssh:\/\/there", which cannot be reached.*it is passed over/);
  });
});
