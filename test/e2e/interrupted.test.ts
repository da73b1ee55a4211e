/** `clairctl` that is stopped, killed, or whose reader goes away: nothing is left behind, and the next run is right. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from '../imports.ts';
import { digestOf, type Files, makeTar, writeOciLayout, writeOciLayoutOf } from './make-image.ts';
import { canListProcesses, processesLeft } from './processes.ts';
import { runToEnd, start } from './run-program.ts';
import { ALPINE, startWorld, type World, worldConfig } from './world.ts';

const PACKAGES = 3000;
const SECDB_PATH = '/secdb/v3.40/main.json';

/** Many packages, each with a vulnerability: neither the image nor the feed is read in an instant. */
const MANY: Files = {
  ...ALPINE,
  'lib/apk/db/installed': Array.from(
    { length: PACKAGES },
    (_, i) => `P:pkg${i}\nV:1.0-r0\nA:x86_64\no:pkg${i}\n\n`,
  ).join(''),
};
const SECDB = JSON.stringify({
  distroversion: 'v3.40',
  reponame: 'main',
  packages: Array.from({ length: 4 * PACKAGES }, (_, i) => ({
    pkg: { name: `pkg${i}`, secfixes: { '1.1-r0': [`CVE-2099-${10_000 + i}`] } },
  })),
});

describe('clairctl, interrupted', () => {
  const open = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'clair-interrupted-'));
  const image = join(folder, 'image');
  const temporary = join(folder, 'tmp');
  const env = { TMPDIR: temporary, CLAIR_DATA_DIR: join(folder, 'data') };
  let world: World;
  let config = '';

  before(async () => {
    open.defer(() => rmSync(folder, { recursive: true, force: true }));
    world = open.use(await startWorld());
    mkdirSync(temporary, { mode: 0o777 });
    config = join(folder, 'config.yaml');
    writeFileSync(config, worldConfig(world));
    writeOciLayout(image, [MANY]);
  });
  after(() => open.disposeAsync());
  afterEach(async () => {
    world.intercept = serveFeed;
    // Nothing of a run stays but its database.
    assert.deepEqual(canListProcesses ? await processesLeft(folder) : [], []);
  });

  const serveFeed = (path: string, response: ServerResponse): boolean => {
    if (path === SECDB_PATH) response.end(SECDB);
    return path === SECDB_PATH;
  };
  const scanArgs = (...args: string[]) => ['scan', '--config', config, '--format', 'json', ...args];

  /** Stops in the middle of the answer to `path`; resolves when it was asked for. */
  function stall(path: (path: string) => boolean, body: string | Buffer): Promise<void> {
    return new Promise((resolve) => {
      world.intercept = (asked, response) => {
        if (!path(asked)) return false;
        response.writeHead(200, { 'content-length': body.length });
        response.write(body.slice(0, body.length >> 1));
        resolve();
        return true;
      };
    });
  }

  /** An image in a registry whose layer never comes to its end. */
  function stallRegistry(): Promise<void> {
    const blob = makeTar({ 'etc/hostname': 'x'.repeat(100_000) });
    const layout = join(folder, 'registry');
    const manifest = writeOciLayoutOf(layout, [blob]);
    const read = (digest: string) =>
      readFileSync(join(layout, 'blobs/sha256', digest.replace('sha256:', '')));
    return new Promise((resolve) => {
      world.intercept = (path, response) => {
        const [, kind, name = ''] = /^\/v2\/app\/(manifests|blobs)\/(.*)$/.exec(path) ?? [];
        if (path === '/v2/') response.end('{}');
        else if (kind === 'manifests') {
          response.setHeader('content-type', 'application/vnd.oci.image.manifest.v1+json');
          response.end(read(name.startsWith('sha256:') ? name : manifest));
        } else if (name === digestOf(blob)) {
          response.writeHead(200, { 'content-length': blob.length });
          response.write(blob.subarray(0, blob.length >> 1));
          resolve();
        } else if (kind === 'blobs') response.end(read(name));
        else return serveFeed(path, response);
        return true;
      };
    });
  }

  const stops: [string, NodeJS.Signals, () => [Promise<void>, string[]]][] = [
    [
      'while a feed is fetched',
      'SIGINT',
      () => [stall((path) => path === SECDB_PATH, SECDB), scanArgs('--update', 'always', image)],
    ],
    [
      'while a layer is fetched',
      'SIGINT',
      () => [stallRegistry(), scanArgs('--update', 'never', `${new URL(world.address).host}/app:1`)],
    ],
    [
      'while a layer is fetched',
      'SIGTERM',
      () => [stallRegistry(), scanArgs('--update', 'always', `${new URL(world.address).host}/app:1`)],
    ],
    [
      'while feeds are listed',
      'SIGINT',
      () => [stall((path) => path === '/secdb/v3.10/main.json', SECDB), ['db', 'update', '--config', config]],
    ],
  ];
  for (const [when, signal, begin] of stops) {
    it(`ends at ${signal} ${when}`, async () => {
      const [begun, args] = begin();
      await using program = start('clairctl', args, env);
      await Promise.race([begun, program.ended]);
      program.child.kill(signal);
      const { code, stdout, stderr } = await program.ended;
      assert.equal(code, 1, stdout + stderr);
      assert.match(stderr, /clairctl: interrupted/);
      assert.doesNotMatch(stderr, /\n\s+at /, 'no stack trace');
      assert.equal(stdout, '');
      assert.deepEqual(readdirSync(temporary), []);
    });
  }

  it('asks no feed where the image cannot be read', async () => {
    const asked: string[] = [];
    world.intercept = (path) => {
      asked.push(path);
      return false;
    };
    const broken = join(folder, 'broken');
    writeOciLayout(broken, [ALPINE], () => Buffer.from('<html>'.repeat(100)));
    await using program = start('clairctl', scanArgs('--update', 'always', broken), env);
    const { code, stderr } = await program.ended;
    assert.equal(code, 1, stderr);
    assert.match(stderr, /sha256:/);
    assert.deepEqual(asked, []);
  });

  it('is right after it was killed at any time', { timeout: 600_000 }, async () => {
    world.intercept = serveFeed;
    const fresh = join(folder, 'fresh');
    const begin = performance.now();
    const whole = await runToEnd('clairctl', scanArgs(image), { ...env, CLAIR_DATA_DIR: fresh });
    const time = performance.now() - begin;
    assert.equal(whole.code, 0, whole.stderr);
    const want = JSON.parse(whole.stdout).report;
    assert.equal(Object.keys(want.vulnerabilities).length, PACKAGES);

    const data = join(folder, 'killed');
    const rounds = 4;
    for (let round = 0; round < rounds; round++) {
      await using program = start('clairctl', scanArgs(image), { ...env, CLAIR_DATA_DIR: data });
      // At any time, and while the feed is imported.
      const importing = new Promise<void>((resolve) => {
        world.intercept = (path, response) => {
          if (path === SECDB_PATH) resolve();
          return serveFeed(path, response);
        };
      });
      const moment =
        round % 2 === 0
          ? sleep(time * Math.random())
          : Promise.race([importing, sleep(10 * time, undefined, { ref: false })]).then(() =>
              sleep(500 * Math.random()),
            );
      await Promise.race([moment, program.ended]);
      program.child.kill('SIGKILL');
      await program.ended;
    }
    const last = await runToEnd('clairctl', scanArgs(image), { ...env, CLAIR_DATA_DIR: data });
    assert.equal(last.code, 0, last.stderr);
    const {
      feeds: [feed],
      ...report
    } = JSON.parse(last.stdout).report;
    const {
      feeds: [wantFeed],
      ...wantReport
    } = want;
    assert.deepEqual({ ...feed, last_success: '' }, { ...wantFeed, last_success: '' });
    assert.deepEqual(report, wantReport);
  });

  for (const reader of ['head -c 10', 'true']) {
    for (const format of ['json', 'table']) {
      it(`is no failure where a reader of ${format} has seen enough (| ${reader})`, async () => {
        const command = `"$NODE" "$CLAIRCTL" scan --update never --config "$CONFIG" --format ${format} "$IMAGE" | ${reader}; echo "code \${PIPESTATUS[0]}"`;
        const shell = spawn('bash', ['-c', command], {
          env: {
            ...process.env,
            ...env,
            NODE: process.execPath,
            CLAIRCTL: join(ROOT, 'bin/clairctl.mjs'),
            CONFIG: config,
            IMAGE: image,
          },
        });
        let [stdout, stderr] = ['', ''];
        shell.stdout.on('data', (text) => (stdout += text));
        shell.stderr.on('data', (text) => (stderr += text));
        await once(shell, 'close');
        // 3: the feeds of this data directory were never loaded to their end
        assert.match(stdout, /code [03]\n$/, stderr);
        assert.equal(stderr, '');
      });
    }
  }
});
