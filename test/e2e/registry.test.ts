/** `clairctl scan` of an image in a registry, and of the same image however else it comes. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { testDatabase } from '../../src/db/database.fixture.ts';
import { type Manners, startRegistry, type TestRegistry } from '../../src/image/registry/server.fixture.ts';
import { archive } from '../../src/image/target/builder.fixture.ts';
import { type Files, makeTar, writeOciLayout } from './make-image.ts';
import { type Ended, runToEnd } from './run-program.ts';
import { ALPINE, startWorld, worldConfig } from './world.ts';

const LAYERS: readonly Files[] = [
  ALPINE,
  {
    'srv/app/package.json': '{"name":"app","version":"1.0.0"}',
    'srv/app/node_modules/left/package.json': '{"name":"left","version":"2.3.4"}',
    'usr/lib/python3/site-packages/spam-1.2.dist-info/METADATA':
      'Metadata-Version: 2.1\nName: spam\nVersion: 1.2\n',
  },
];

describe('an image in a registry', { skip: process.platform === 'win32' }, () => {
  const open = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'clair-registry-'));
  const at = (name: string) => join(folder, name);
  let registry: TestRegistry;
  let flags: string[] = [];
  let env: Record<string, string> = {};

  before(async () => {
    open.defer(() => rmSync(folder, { recursive: true, force: true }));
    const world = open.use(await startWorld());
    const { dsn } = open.use(await testDatabase());
    writeFileSync(at('config.yaml'), worldConfig(world));
    flags = ['--db', dsn, '--config', at('config.yaml'), '--format', 'json'];

    writeOciLayout(at('layout'), LAYERS);
    writeFileSync(at('docker.tar'), dockerArchive(LAYERS));
    for (const [path, text] of LAYERS.flatMap((files) => Object.entries(files))) {
      mkdirSync(join(at('system'), dirname(path)), { recursive: true });
      writeFileSync(join(at('system'), path), text);
    }
    registry = open.use(await startRegistry());
    registry.content.pushLayout('team/app', at('layout'));

    const helper = at('docker-credential-tests');
    const answer = '{"ServerURL":"%s","Username":"me","Secret":"secret"}';
    writeFileSync(
      helper,
      `#!/bin/sh\n[ "$1" = get ] || exit 1\nread -r server\nprintf '${answer}' "$server"\n`,
    );
    chmodSync(helper, 0o755);
    writeFileSync(at('config.json'), JSON.stringify({ credHelpers: { [registry.host]: 'tests' } }));
    env = { DOCKER_CONFIG: folder, PATH: `${folder}${delimiter}${process.env.PATH}` };
  });
  after(() => open.disposeAsync());

  const scan = (target: string, ...more: string[]): Promise<Ended> =>
    runToEnd('clairctl', ['scan', ...flags, ...more, target], env);

  async function found(target: string, ...more: string[]): Promise<unknown> {
    const { stdout, stderr } = await scan(target, ...more);
    assert.notEqual(stdout, '', stderr);
    const { report } = JSON.parse(stdout);
    const packages = Object.values<{ name: string; version: string }>(report.packages);
    const vulnerabilities = Object.values<{ name: string }>(report.vulnerabilities);
    return {
      packages: packages.map(({ name, version }) => `${name} ${version}`).sort(),
      vulnerabilities: vulnerabilities.map(({ name }) => name).sort(),
    };
  }

  it('is found as it is in a layout, an archive and a directory', async () => {
    const layout = await found(`oci:${at('layout')}`);
    assert.deepEqual(layout, {
      packages: ['app 1.0.0', 'left 2.3.4', 'sound 2.0-r0', 'spam 1.2', 'teapot 1.0-r0'],
      vulnerabilities: ['CVE-2099-0001'],
    });
    assert.deepEqual(await found(`docker-archive:${at('docker.tar')}`), layout);
    assert.deepEqual(await found(`dir:${at('system')}`), layout);

    // What was scanned before is not fetched again: another database.
    flags[1] = open.use(await testDatabase()).dsn;
    Object.assign(registry.manners, {
      ...{ auth: 'bearer', users: { me: 'secret' }, tokenUses: 4 },
      ...{ storage: true, presignedUses: 1, busy: 1, breaks: 2, breakAfter: 100 },
    } satisfies Partial<Manners>);
    assert.deepEqual(await found(`${registry.host}/team/app`), layout);
    const { seen, storageHost } = registry;
    assert.ok(seen.filter(({ path }) => path === '/token').length >= 2, 'the token was renewed');
    const stored = seen.filter(({ host }) => host === storageHost);
    assert.ok(stored.length > 2 && stored.every(({ authorization }) => authorization === undefined));
    assert.ok(
      stored.some(({ range }) => /^bytes=100-$/.test(range ?? '')),
      'a layer was gone on with',
    );
  });

  it('is told of when it may not be read', async () => {
    Object.assign(registry.manners, { tokenUses: 100, breaks: 0, users: { me: 'other' } });
    const { code, stdout, stderr } = await scan(`${registry.host}/team/app`, '--update', 'never');
    assert.equal(code, 1, stdout);
    assert.match(
      stderr,
      /team\/app:latest: the token server .* returned status 401; the stored credentials were rejected/,
    );
    assert.doesNotMatch(stderr, /secret|\n\s+at /);
  });

  it('is read with a login that is given', async () => {
    env.CLAIR_REGISTRY_PASSWORD = 'other';
    const { stdout, stderr } = await scan(
      `${registry.host}/team/app`,
      '--update',
      'never',
      '--username',
      'me',
    );
    assert.match(stdout, /teapot/, stderr);
  });
});

function dockerArchive(layers: readonly Files[]): Buffer {
  const names = layers.map((_, index) => `layer${index}.tar`);
  const config = { os: 'linux', architecture: 'amd64', rootfs: { type: 'layers', diff_ids: [] } };
  return archive(
    new Map([
      [
        'manifest.json',
        Buffer.from(JSON.stringify([{ Config: 'config.json', RepoTags: [], Layers: names }])),
      ],
      ['config.json', Buffer.from(JSON.stringify(config))],
      ...layers.map((files, index) => [`layer${index}.tar`, makeTar(files)] as const),
    ]),
  );
}
