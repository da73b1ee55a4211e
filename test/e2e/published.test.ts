/** `clairctl db build`, `db push`, `db pull` and scans from a published database, as their users run them. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { testDatabase } from '../../src/db/database.fixture.ts';
import { startRegistry, type TestRegistry } from '../../src/image/registry/server.fixture.ts';
import { ROOT } from '../imports.ts';
import { writeOciLayout } from './make-image.ts';
import { type Ended, runToEnd } from './run-program.ts';
import { ALPINE, startWorld, type World, worldConfig } from './world.ts';

interface OciDescriptor {
  readonly digest: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

describe('a published database', () => {
  const open = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'clair-published-'));
  const image = join(folder, 'image');
  const layout = join(folder, 'database');
  const config = join(folder, 'config.yaml');
  let world: World;
  let registry: TestRegistry;
  let repository: string;
  let source: string;
  let asked: string[] = [];

  before(async () => {
    open.defer(() => rmSync(folder, { recursive: true, force: true }));
    world = open.use(await startWorld());
    world.intercept = (path) => {
      asked.push(path);
      return false;
    };
    registry = open.use(await startRegistry());
    repository = `${registry.host}/team/database`;
    writeFileSync(config, worldConfig(world));
    writeOciLayout(image, [ALPINE]);
    source = open.use(await testDatabase()).dsn;
    for (const name of ['one', 'two']) {
      const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      writeFileSync(join(folder, `${name}.key`), privateKey.export({ type: 'pkcs8', format: 'pem' }));
      writeFileSync(join(folder, `${name}.pub`), publicKey.export({ type: 'spki', format: 'pem' }));
    }
  });
  after(() => open.disposeAsync());

  const clairctl = async (...args: string[]): Promise<Ended> => {
    asked = [];
    return await runToEnd('clairctl', args, { CLAIR_CONF: config });
  };
  const empty = async (): Promise<string> => open.use(await testDatabase()).dsn;
  const scan = (dsn: string, ...args: string[]): Promise<Ended> =>
    clairctl('scan', '--db', dsn, '--db-repository', repository, ...args, image);

  it('is built from what is loaded, signed and pushed', async () => {
    const nothing = await clairctl('db', 'build', '--db', source, layout);
    assert.deepEqual([nothing.code, /Run "clairctl db update" first/.test(nothing.stderr)], [1, true]);
    const updated = await clairctl('db', 'update', '--db', source);
    assert.equal(updated.code, 0, updated.stderr);
    assert.match(updated.stderr, /^database: PostgreSQL .*, database \w+$/m, 'it says on which it worked');
    const built = await clairctl('db', 'build', '--db', source, layout);
    assert.equal(built.code, 0, built.stderr);
    assert.match(built.stdout, /^sha256:[0-9a-f]{64}\n\d+ layers?, .* MB, advisories from 20/);
    const pushed = await clairctl('db', 'push', layout, repository);
    assert.equal(pushed.code, 0, pushed.stderr);
    assert.equal(pushed.stdout.trim(), built.stdout.split('\n')[0]);
  });

  it('is built and pushed with one command, signed, and leaves nothing behind', async () => {
    const target = `${registry.host}/team/at-once`;
    const spool = join(folder, 'spool');
    mkdirSync(spool);
    const push = (...args: string[]): Promise<Ended> =>
      runToEnd('clairctl', ['db', 'push', '--db', source, ...args], { CLAIR_CONF: config, TMPDIR: spool });
    const key = ['--sign-key', join(folder, 'one.key')];
    const pushed = await push(...key, target);
    assert.equal(pushed.code, 0, pushed.stderr);
    assert.match(pushed.stdout, /^sha256:[0-9a-f]{64}\n$/);
    assert.match(pushed.stderr, /^\d+ layers?, .* MB, advisories from 20/m);
    assert.deepEqual(
      readdirSync(spool).filter((name) => name.startsWith('clair-push-')),
      [],
    );
    const pulled = await clairctl(
      ...['db', 'pull', '--db', await empty(), '--db-key', join(folder, 'one.pub'), target],
    );
    assert.equal(pulled.code, 0, pulled.stderr);
    assert.match(pulled.stdout, /[1-9]\d* feeds updated, 0 unchanged, 0 failed\n$/);

    const unnamed = await push();
    assert.deepEqual([unnamed.code, /missing argument: the repository/.test(unnamed.stderr)], [1, true]);
    const both = await push(...key, layout, target);
    assert.deepEqual([both.code, /use "db build --sign-key"/.test(both.stderr)], [1, true]);
  });

  it('is pulled from a registry and from a directory', async () => {
    for (const place of [repository, layout]) {
      const dsn = await empty();
      const pulled = await clairctl('db', 'pull', '--db', dsn, place);
      assert.equal(pulled.code, 0, pulled.stderr);
      assert.match(pulled.stdout, /\d+ feeds updated, \d+ unchanged, 0 failed\n$/);
      const again = await clairctl('db', 'pull', '--db', dsn, '--db-repository', place);
      assert.match(again.stdout, /\n0 feeds updated, \d+ unchanged, 0 failed\n$/);
      assert.deepEqual(asked, []);
    }
  });

  it('answers a first scan without any upstream', async () => {
    const dsn = await empty();
    const { code, stdout, stderr } = await scan(dsn);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^teapot\s+1\.0-r0\s+1\.1-r0\s+apk\s+CVE-2099-0001/m);
    assert.deepEqual(asked, []);
    const before = registry.seen.length;
    assert.equal((await scan(dsn)).code, 0);
    assert.equal(registry.seen.length, before, 'asked a moment ago');
  });

  it('is fetched once by two scans at the same time', async () => {
    const blob = (digest: string): string =>
      readFileSync(join(layout, 'blobs', digest.replace(':', '/')), 'utf8');
    const { manifests } = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8'));
    const tag = 'org.opencontainers.image.ref.name';
    const current = manifests.find((each: OciDescriptor) => each.annotations?.[tag] === 'v1');
    const { layers } = JSON.parse(blob(current.digest)) as { layers: readonly OciDescriptor[] };
    /** Requests for rows, by these scans: they come first in a layer, its index last. */
    const fetched = async (scans: number): Promise<string[]> => {
      const dsn = await empty();
      const before = registry.seen.length;
      for (const { code, stderr } of await Promise.all(Array.from({ length: scans }, () => scan(dsn))))
        assert.equal(code, 0, stderr);
      const rows = registry.seen
        .slice(before)
        .filter(
          ({ path, range }) =>
            range?.startsWith('bytes=0-') && layers.some(({ digest }) => path.endsWith(digest)),
        );
      return rows.map(({ path, range }) => `${path} ${range}`).sort();
    };
    const alone = await fetched(1);
    assert.ok(alone.length > 0);
    assert.deepEqual(await fetched(2), alone);
  });

  it('is not taken where upstream is wanted', async () => {
    const { code, stderr } = await scan(await empty(), '--update', 'upstream');
    assert.equal(code, 0, stderr);
    assert.ok(asked.length > 0);
  });

  it('is refused without the signature that is wanted; scans ask upstream then', async () => {
    const dsn = await empty();
    const pull = (key: string) =>
      clairctl('db', 'pull', '--db', dsn, '--db-key', join(folder, `${key}.pub`), repository);
    const unsigned = await pull('one');
    assert.equal(unsigned.code, 1);
    assert.match(unsigned.stderr, /is not signed\. It is not used, and what was loaded before stays/);
    const built = await clairctl(
      'db',
      'build',
      '--db',
      source,
      '--sign-key',
      join(folder, 'one.key'),
      layout,
    );
    assert.equal(built.code, 0, built.stderr);
    assert.equal((await clairctl('db', 'push', layout, repository)).code, 0);
    const other = await pull('two');
    assert.match(other.stderr, /is not signed with the key .*two\.pub/);
    assert.equal(other.code, 1);
    const scanned = await scan(dsn, '--db-key', join(folder, 'two.pub'));
    assert.equal(scanned.code, 0, scanned.stderr);
    assert.match(
      scanned.stderr,
      /warning: cannot use the published database, updating from the feeds: .*two\.pub/,
    );
    assert.ok(asked.length > 0);
    const signed = await pull('one');
    assert.equal(signed.code, 0, signed.stderr);
  });

  it('is reported as old, and makes the report incomplete as long as upstream has nothing newer', async () => {
    const dsn = await empty();
    world.intercept = (_, response) => {
      response.writeHead(503).end();
      return true;
    };
    try {
      const { code, stdout, stderr } = await scan(dsn, '--db-max-age', '1ms');
      assert.equal(code, 3, stderr);
      assert.match(stderr, /warning: the published database is .* old: ask its publisher/);
      assert.match(stdout + stderr, /NOT CHECKED: .*longer ago than --db-max-age allows/);
      assert.match(stdout, /CVE-2099-0001/);
      // `diff` and `explain` take the same flag.
      const flags = ['--db', dsn, '--db-repository', repository, '--db-max-age', '1ms'];
      assert.equal((await clairctl('diff', ...flags, image, image)).code, 3);
      assert.equal((await clairctl('explain', ...flags, 'CVE-2099-0001', image)).code, 3);
    } finally {
      world.intercept = () => false;
    }
  });

  it('says what is wrong, and what to do', async () => {
    const dsn = await empty();
    registry.content.pushLayout('team/image', image, 'v1');
    const cases: [args: string[], message: RegExp][] = [
      [[], /no published database is known: name one, or set --db-repository/],
      [
        [`${registry.host}/team/nothing`],
        /there is no published database .*\/team\/nothing:v1: name another/,
      ],
      [[join(folder, 'nowhere')], /cannot read the published database in .*nowhere/],
      [[image], /there is no published database/],
      [[`${registry.host}/team/image`], /is of type .*image\.config.*, this program reads/],
      [['--db-key', config, repository], /cannot read the key .*config\.yaml/],
      [['https://127.0.0.1:1/database'], /127\.0\.0\.1/],
    ];
    for (const [args, message] of cases) {
      const { code, stderr } = await clairctl('db', 'pull', '--db', dsn, ...args);
      assert.equal(code, 1, stderr);
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /^ {4}at /m);
    }
    const fallback = await clairctl('db', 'pull', '--db', dsn, `${registry.host}/team/nothing,${layout}`);
    assert.equal(fallback.code, 0, fallback.stderr);
    assert.match(fallback.stderr, /warning: there is no published database/);
  });

  it('is published by the script that the nightly workflow runs', async () => {
    const nightly = async (dsn: string) =>
      await runScript(join(ROOT, 'scripts', 'publish-database.sh'), {
        CLAIRCTL: `${process.execPath} ${join(ROOT, 'bin', 'clairctl.mjs')}`,
        CLAIR_CONF: config,
        CLAIR_DB: dsn,
        DIRECTORY: join(folder, 'nightly'),
        KEY: join(folder, 'one.key'),
        PUBLIC_KEY: join(folder, 'one.pub'),
        REPOSITORY: `${registry.host}/team/nightly`,
      });
    const first = await nightly(await empty());
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stderr, /begins without what was published/);
    const second = await nightly(await empty());
    assert.equal(second.code, 0, second.stderr);
    assert.doesNotMatch(second.stderr, /begins without/);
    const dsn = await empty();
    const pulled = await clairctl(
      'db',
      'pull',
      '--db',
      dsn,
      '--db-key',
      join(folder, 'one.pub'),
      `${registry.host}/team/nightly`,
    );
    assert.equal(pulled.code, 0, pulled.stderr);
  });
});

async function runScript(path: string, env: Record<string, string>): Promise<Ended> {
  const child = spawn('sh', [path], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}
