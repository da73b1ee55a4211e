/** Clair's commands of `clairctl` that need no Clair: manifest, check-config, admin, and what is wrong on the command line. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { testDatabase } from '../../src/db/database.fixture.ts';
import { startRegistry, type TestRegistry } from '../../src/image/registry/server.fixture.ts';
import { image, layout } from '../../src/image/target/builder.fixture.ts';
import { type Ended, runToEnd } from './run-program.ts';

const open = new AsyncDisposableStack();
const folder = mkdtempSync(join(tmpdir(), 'clair-alone-'));
open.defer(() => rmSync(folder, { recursive: true, force: true }));
after(() => open.disposeAsync());
const at = (name: string): string => join(folder, name);
const clairctl = (...args: string[]): Promise<Ended> =>
  runToEnd('clairctl', args, { CLAIR_CONF: '' }, folder);

describe('clairctl manifest', () => {
  let registry: TestRegistry;
  const [amd, arm] = [image(['a', 'b']), image(['c'], 'linux/arm64')];
  before(async () => {
    registry = open.use(await startRegistry());
    const both = layout([amd.descriptor, arm.descriptor], [...amd.blobs, ...arm.blobs]);
    registry.content.pushLayout('lab/both', both);
    registry.content.pushLayout('lab/arm', layout([arm.descriptor], arm.blobs));
  });

  it('prints what a Clair is sent: the image for linux/amd64, or whatever there is', async () => {
    const { code, stdout, stderr } = await clairctl(
      'manifest',
      `${registry.host}/lab/both`,
      `${registry.host}/lab/arm`,
    );
    assert.deepEqual([code, stderr], [0, '']);
    const [first, second] = stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
    assert.deepEqual(first, {
      hash: amd.digest,
      layers: amd.layers.map((hash) => ({
        hash,
        uri: `http://${registry.host}/v2/lab/both/blobs/${hash}`,
        headers: {},
      })),
    });
    assert.equal(second.hash, arm.digest);
    const chosen = await clairctl('manifest', '--platform=linux/arm64', `${registry.host}/lab/both`);
    assert.equal(JSON.parse(chosen.stdout).hash, arm.digest);
  });

  it('prints those that there are, and fails for the others', async () => {
    const { code, stdout, stderr } = await clairctl(
      'manifest',
      `${registry.host}/lab/none`,
      'BAD REF!!',
      `${registry.host}/lab/arm`,
    );
    assert.equal(code, 1);
    assert.equal(JSON.parse(stdout).hash, arm.digest);
    assert.match(stderr, /lab\/none:latest: image not found/);
    assert.match(stderr, /"BAD REF!!" is not an image name/);
  });

  it('warns of what lets its holder read the image', async () => {
    registry.manners.auth = 'bearer';
    const { code, stdout, stderr } = await clairctl('-D', 'manifest', `${registry.host}/lab/arm`);
    registry.manners.auth = 'none';
    assert.equal(code, 0);
    const [token] = JSON.parse(stdout).layers[0].headers.Authorization as string[];
    assert.match(token ?? '', /^Bearer token\d+$/);
    assert.match(stderr, /warning: .* grant access to the image/);
    assert.match(stderr, /"msg":"found manifest"/);
    assert.doesNotMatch(stderr, /token\d/);
  });
});

describe('clairctl check-config', () => {
  before(() => {
    writeFileSync(
      at('good.yaml'),
      'http_listen_addr: ":6060"\nmatcher:\n  period: 12h\nauth:\n  psk:\n    key: c2VjcmV0\n    iss: [quay]\n',
    );
    mkdirSync(at('good.yaml.d'));
    writeFileSync(join(at('good.yaml.d'), '1.yaml'), 'log_level: warn\nindexer:\n  scanlock_retry: 1\n');
    writeFileSync(at('bad.yaml'), 'matcher:\n  perod: 6h\n  period: soon\n');
  });

  it('prints what drop-ins make of it, without secrets', async () => {
    const { code, stdout, stderr } = await clairctl('check-config', 'good.yaml');
    assert.equal(code, 0);
    const want = {
      http_listen_addr: ':6060',
      matcher: { period: '12h' },
      auth: { psk: { key: '[hidden]', iss: ['quay'] } },
      log_level: 'warn',
      indexer: { scanlock_retry: 1 },
    };
    assert.equal(stdout, `${JSON.stringify(want, undefined, '\t')}\n`);
    assert.match(stderr, /warning: good\.yaml\.d\/1\.yaml:3: indexer\.scanlock_retry: has no effect/);
    assert.equal((await clairctl('check-config', '-q', 'good.yaml')).stderr, '');
    const yaml = await clairctl('check-config', '-o', 'yaml', '--show-secrets', 'good.yaml');
    assert.match(yaml.stdout, /^ {2}period: 12h$/m);
    assert.match(yaml.stdout, /^ {4}key: c2VjcmV0$/m);
  });

  it('says what is wrong, with file and line, and goes on with the next', async () => {
    const { code, stdout, stderr } = await clairctl('check-config', 'bad.yaml', 'none.yaml', 'good.yaml');
    assert.equal(code, 1);
    assert.match(stdout, /^# good\.yaml\n\{/);
    assert.match(stderr, /^bad\.yaml:2: matcher\.perod: unknown key: did you mean period\?$/m);
    assert.match(stderr, /^bad\.yaml:3: matcher\.period: /m);
    assert.match(stderr, /none\.yaml.*file or directory not found/);
  });

  it('checks what a mode needs', async () => {
    assert.equal((await clairctl('check-config', 'good.yaml')).code, 0);
    const { code, stderr } = await clairctl('check-config', '--mode', 'matcher', 'good.yaml');
    assert.equal(code, 1);
    assert.match(stderr, /matcher\.indexer_addr: is missing/);
  });
});

describe('clairctl admin', () => {
  it("takes Clair's tasks, which have nothing to do here", async () => {
    for (const args of [
      ['pre', 'v4.7.0'],
      ['pre', '4.7.3'],
      ['post', 'v4.8.0'],
      ['oneoff', 'update-golang-packages'],
    ]) {
      const { code, stderr } = await clairctl('admin', ...args);
      assert.deepEqual([code, stderr], [0, `admin ${args.join(' ')}: nothing to do\n`]);
    }
    assert.equal((await clairctl('admin', 'pre', 'soon')).code, 1);
    const help = await clairctl('admin');
    assert.deepEqual([help.code, help.stderr], [0, '']);
    assert.match(help.stdout, /^ {2}migrate /m);
  });

  it('lists migrations, and runs them', async () => {
    const { dsn } = open.use(await testDatabase());
    const stanza = `  connstring: ${JSON.stringify(dsn)}\n`;
    writeFileSync(at('config.yaml'), `indexer:\n${stanza}matcher:\n${stanza}`);
    const before = await clairctl('admin', 'pending');
    assert.equal(before.code, 3);
    assert.match(before.stdout, /^indexer: 001-[\w-]+\.sql$/m);
    assert.match(before.stdout, /^matcher: 001-[\w-]+\.sql$/m);
    const one = await clairctl('-c', 'config.yaml', 'admin', 'migrate', '--indexer');
    assert.deepEqual([one.code, one.stdout.split('\n').length], [0, 2]);
    assert.match(one.stdout, /^indexer: ran 001-/);
    assert.doesNotMatch((await clairctl('admin', 'pending')).stdout, /^indexer/m);
    assert.equal((await clairctl('admin', 'migrate')).code, 0);
    assert.match((await clairctl('admin', 'migrate')).stdout, /^indexer: up to date\nmatcher: up to date\n/);
    assert.deepEqual(await clairctl('admin', 'pending'), { code: 0, stdout: '', stderr: '' });
    writeFileSync(
      at('all.yaml'),
      `notifier:\n${stanza}  webhook:\n    target: http://a/\n    callback: http://b/\n`,
    );
    const third = await clairctl('-c', 'all.yaml', 'admin', 'migrate', '--notifier');
    assert.match(third.stdout, /^notifier: ran 001-/);
    assert.equal((await clairctl('-c', 'nowhere.yaml', 'admin', 'migrate')).code, 1);
  });
});

describe('the command line', () => {
  const cases: readonly (readonly [args: string, code: number, stdout: RegExp, stderr: RegExp])[] = [
    ['', 0, /^Usage: clairctl /, /^$/],
    ['--help', 0, /^ {2}check-config /m, /^$/],
    ['help report', 0, /--keep-going/, /^$/],
    ['--version', 0, /^clairctl version \S+\n$/, /^$/],
    ['-v', 0, /^clairctl version/, /^$/],
    ['frobnicate', 3, /^$/, /unknown command "frobnicate"/],
    ['frobnicate x', 1, /^$/, /unknown command "frobnicate"/],
    ['scna', 1, /^$/, /Did you mean scan/],
    ['scna x', 1, /^$/, /unknown command "scna"/],
    ['admin frobnicate', 1, /^$/, /too many arguments for 'admin'/],
    ['db updat', 1, /^$/, /unknown command "updat"/],
    ['report', 1, /^$/, /argument container is missing/],
    ['report -o yaml x', 1, /^$/, /Allowed choices are text, json, xml/],
    ['report --frob x', 1, /^$/, /unknown option --frob/],
    ['delete nope', 1, /^$/, /malformed digest "nope"/],
    ['report --host http://127.0.0.1:1 dir:.', 1, /^$/, /127\.0\.0\.1:1 does not answer/],
    ['-c none.yaml report dir:.', 1, /^$/, /cannot read --config none\.yaml: file not found/],
  ];
  for (const [args, code, stdout, stderr] of cases) {
    it(`clairctl ${args}`, async () => {
      const ended = await clairctl(...args.split(' ').filter(Boolean));
      assert.equal(ended.code, code, ended.stderr);
      assert.match(ended.stdout, stdout);
      assert.match(ended.stderr, stderr);
    });
  }
});
