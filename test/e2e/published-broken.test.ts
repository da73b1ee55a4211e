/** A pull of a published database that goes wrong: what was loaded before stays, and the next pull is right. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { testDatabase } from '../../src/db/database.fixture.ts';
import { startRegistry, type TestRegistry } from '../../src/image/registry/server.fixture.ts';
import { writeOciLayout } from './make-image.ts';
import { type Ended, runToEnd, start } from './run-program.ts';
import { cannotMakeDisks, fill, MIB, smallDisks } from './small-disk.ts';
import { ALPINE, startWorld, type World, worldConfig } from './world.ts';

const ADVISORIES = 20_000;
const ROUNDS = 8;
/** What a scan finds by the database of each day. */
const FOUND = { first: 'CVE-2099-0001', second: 'CVE-2099-0007' };
const secdb = (vulnerability: string, from: number): string =>
  JSON.stringify({
    distroversion: 'v3.40',
    reponame: 'main',
    packages: [
      { pkg: { name: 'teapot', secfixes: { '1.1-r0': [vulnerability] } } },
      ...Array.from({ length: ADVISORIES }, (_, n) => ({
        pkg: { name: `pkg${from + n}`, secfixes: { '1.1-r0': [`CVE-2098-${10_000 + from + n}`] } },
      })),
    ],
  });
const skip = cannotMakeDisks();

describe('a pull that goes wrong', () => {
  const open = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'clair-broken-pull-'));
  const image = join(folder, 'image');
  const many = join(folder, 'many');
  const first = join(folder, 'first');
  const second = join(folder, 'second');
  let world: World;
  let registry: TestRegistry;
  let repository = '';

  before(async () => {
    open.defer(() => rmSync(folder, { recursive: true, force: true }));
    world = open.use(await startWorld());
    registry = open.use(await startRegistry());
    repository = `${registry.host}/team/database`;
    writeOciLayout(image, [ALPINE]);
    const packages = Array.from({ length: (ADVISORIES * 1.5) / 10 }, (_, n) => `pkg${10 * n}`);
    const installed = ['teapot', ...packages].map((name) => `P:${name}\nV:1.0-r0\nA:x86_64\no:${name}\n\n`);
    writeOciLayout(many, [{ ...ALPINE, 'lib/apk/db/installed': installed.join('') }]);
    writeFileSync(join(folder, 'config.yaml'), worldConfig(world));
    const source = open.use(await testDatabase()).dsn;
    for (const [layout, text, day] of [
      [first, secdb(FOUND.first, 0), '2099-01-01\n'],
      [second, secdb(FOUND.second, ADVISORIES / 2), '2099-01-02\n'],
    ] as const) {
      world.intercept = (path, response) => {
        const body = { '/secdb/last-update': day, '/secdb/v3.40/main.json': text }[path];
        if (body !== undefined) response.end(body);
        return body !== undefined;
      };
      await succeeds('db', 'update', '--db', source);
      await succeeds('db', 'build', '--db', source, layout);
    }
    await succeeds('db', 'push', second, repository);
  });
  after(() => open.disposeAsync());

  const clairctl = (args: readonly string[], env: Record<string, string> = {}): Promise<Ended> =>
    runToEnd('clairctl', args, { CLAIR_CONF: join(folder, 'config.yaml'), ...env });

  async function succeeds(...args: string[]): Promise<Ended> {
    const ended = await clairctl(args);
    assert.equal(ended.code, 0, ended.stderr);
    return ended;
  }

  /** A database with what was published the first day. */
  async function loaded(): Promise<string> {
    const { dsn } = open.use(await testDatabase());
    await succeeds('db', 'pull', '--db', dsn, first);
    return dsn;
  }

  async function found(dsn: string): Promise<string> {
    const { stdout, stderr, code } = await clairctl(['scan', '--db', dsn, '--update', 'never', image]);
    assert.equal(code, 0, stdout + stderr);
    return /CVE-\d+-\d+/.exec(stdout)?.[0] ?? stdout;
  }

  it('is told where a chunk is not what was published', async () => {
    const dsn = await loaded();
    const broken = join(folder, 'broken');
    cpSync(second, broken, { recursive: true });
    const blobs = join(broken, 'blobs', 'sha256');
    const biggest = readdirSync(blobs)
      .map((name) => ({ path: join(blobs, name), bytes: readFileSync(join(blobs, name)) }))
      .sort((a, b) => b.bytes.length - a.bytes.length)[0]!;
    biggest.bytes[biggest.bytes.length >> 1]! ^= 0xff;
    writeFileSync(biggest.path, biggest.bytes);
    const { code, stderr } = await clairctl(['db', 'pull', '--db', dsn, broken]);
    assert.equal(code, 1, stderr);
    assert.match(stderr, /alpine.*(another digest|damaged|zstd)/s);
    assert.doesNotMatch(stderr, /\n\s+at |internal error/, 'no stack trace');
    assert.equal(await found(dsn), FOUND.first);
    // Another place has it whole.
    await succeeds('db', 'pull', '--db', dsn, second);
    assert.equal(await found(dsn), FOUND.second);
  });

  it('leaves one day or the other where it is killed at any time', { timeout: 600_000 }, async () => {
    const dsn = await loaded();
    const temporary = join(folder, 'tmp');
    mkdirSync(temporary);
    const env = { CLAIR_CONF: join(folder, 'config.yaml'), TMPDIR: temporary };
    const pull = ['db', 'pull', '--db', dsn, repository];
    let moment = 0;
    const states = new Set<string>();
    for (let round = 0; round < ROUNDS; round++) {
      await using program = start('clairctl', pull, env);
      // From the first request on: until then, nothing has happened.
      const before = registry.seen.length;
      while (registry.seen.length === before && program.child.exitCode === null) await sleep(5);
      const began = performance.now();
      await Promise.race([sleep(moment), program.ended]);
      program.child.kill('SIGKILL');
      await program.ended;
      if (round === 0) moment = 60;
      else moment = Math.max(moment * 1.5, performance.now() - began);
      states.add(await found(dsn));
      if (states.has(FOUND.second)) break;
    }
    for (const state of states) assert.ok(Object.values(FOUND).includes(state), state);
    const { stdout } = await succeeds(...pull);
    assert.match(stdout, /, 0 failed\n$/);
    assert.equal(await found(dsn), FOUND.second);
    const twin = open.use(await testDatabase()).dsn;
    await succeeds('db', 'pull', '--db', twin, repository);
    const [one, other] = [await findings(dsn), await findings(twin)];
    assert.equal(other.length, ADVISORIES / 10 + 1);
    assert.deepEqual(one, other, 'what is there is what a pull into nothing gives');
  });

  it('is told where the disk is full, and right when there is space', { skip }, async () => {
    using disks = smallDisks();
    const dsn = await loaded();
    const disk = disks.make(MIB)!;
    const filler = fill(disk);
    const pull = ['db', 'pull', '--db', dsn, repository];
    const full = await clairctl(pull, { TMPDIR: disk });
    assert.equal(full.code, 1, full.stdout + full.stderr);
    assert.match(full.stderr, /What was loaded before stays; make room, or set TMPDIR/);
    assert.doesNotMatch(full.stderr, /\n\s+at |internal error/, 'no stack trace');
    assert.equal(await found(dsn), FOUND.first);
    rmSync(filler);
    const { code, stderr } = await clairctl(pull, { TMPDIR: disk });
    assert.equal(code, 0, stderr);
    assert.equal(await found(dsn), FOUND.second);
    assert.deepEqual(readdirSync(disk), []);
  });

  /** What is found in an image with one in ten of the packages of both days. */
  async function findings(dsn: string): Promise<string[]> {
    const args = ['scan', '--db', dsn, '--update', 'never', '--format', 'json', many];
    const { stdout, stderr, code } = await clairctl(args);
    assert.equal(code, 0, stderr);
    const { findings } = JSON.parse(stdout) as { findings: { id: string; package: string }[] };
    return findings.map((each) => `${each.package} ${each.id}`).sort();
  }
});
