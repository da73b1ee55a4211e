/**
 * What `npm run release` makes of the last commit, used as on a machine that has nothing else: the source archive and npm's
 * tarball with Node and npm alone, the programs of one file with not even an environment. Not part of `npm test`:
 * deploy/test/run.sh runs it. Changes that are not committed are not in it.
 */
import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { testDatabase } from '../../src/db/database.fixture.ts';
import { freePort } from '../conformance/service.ts';
import { cycloneDxMistakes } from '../cyclonedx-schema.ts';
import { until } from '../e2e/deployment.ts';
import { writeOciLayout } from '../e2e/make-image.ts';
import { ALPINE, startWorld, type World, worldConfig } from '../e2e/world.ts';
import { ROOT } from '../imports.ts';

type Env = Readonly<Record<string, string>>;

const git = (...args: string[]): string =>
  execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
const ARCH = process.arch;

describe('a release', { timeout: 1_800_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'clair-release-test-'));
  const image = join(folder, 'image');
  const config = join(folder, 'config.yaml');
  /** The two builds. */
  const releases = ['first', 'second'].map((name) => join(folder, name, 'out'));
  const [release = ''] = releases;
  let world: World;
  let version = '';

  before(async () => {
    world = await startWorld();
    writeOciLayout(image, [ALPINE]);
    writeFileSync(config, worldConfig(world));
    for (const [n, name] of ['first', 'second'].entries()) {
      const clone = join(folder, name, 'clone');
      git('clone', '--quiet', ROOT, clone);
      await run('npm', ['run', '--silent', 'release', '--', '--out', releases[n]!], { cwd: clone });
    }
    version = JSON.parse(readFileSync(join(folder, 'first', 'clone', 'package.json'), 'utf8')).version;
  });
  after(async () => {
    await world[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Its output. Throws with its stderr, but for the exit code `ends`. */
  async function run(
    program: string,
    args: readonly string[],
    { ends = 0, ...options }: { cwd?: string; env?: Env; ends?: number } = {},
  ): Promise<string> {
    return await new Promise((resolve, reject) =>
      execFile(program, args, { maxBuffer: 1 << 26, ...options }, (error, stdout, stderr) =>
        (error === null ? 0 : error.code) === ends
          ? resolve(stdout)
          : reject(new Error(`${program} ended with ${error?.code}: ${stdout}\n${stderr}`)),
      ),
    );
  }

  /** An environment with a home of its own, and of all programs only these. */
  function environmentWith(name: string, programs: readonly string[]): Env {
    const [bin, home] = [join(folder, name, 'bin'), join(folder, name, 'home')];
    for (const path of [bin, home]) mkdirSync(path, { recursive: true });
    for (const program of programs) symlinkSync(programPath(program), join(bin, program));
    // Where packages come from is the machine's matter.
    const registry = Object.entries(process.env).filter(([key]) =>
      /^(npm_config_registry|node_extra_ca_certs|https?_proxy|no_proxy)$/i.test(key),
    );
    return { ...Object.fromEntries(registry), HOME: home, PATH: bin } as Env;
  }

  function checkScan(said: string): void {
    assert.match(said, /teapot +1\.0-r0 +1\.1-r0 +apk +CVE-2099-0001/);
  }
  const scan = ['scan', '--config', config, `oci:${image}`];

  it('is the same byte for byte when it is made again elsewhere', () => {
    const sums = releases.map((each) => readFileSync(join(each, 'SHA256SUMS'), 'utf8'));
    assert.equal(sums[1], sums[0]);
    for (const each of releases)
      execFileSync('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: each });
    // Sources, npm's package, SBOM, install.sh and formula; both programs, the database and a Debian package.
    assert.equal(sums[0]?.trim().split('\n').length, 5 + 4);
  });

  it('has an SBOM of what is in it', () => {
    const sbom = JSON.parse(readFileSync(join(release, `clair-${version}.cdx.json`), 'utf8'));
    assert.equal(cycloneDxMistakes(sbom), '');
    const names = sbom.components.map(({ name }: { name: string }) => name);
    for (const name of ['fastify', 'pg', 'undici']) assert.ok(names.includes(name), name);
    assert.ok(!names.includes('typescript'));
  });

  it('has the sources, which scan with Node and npm alone', async () => {
    const env = environmentWith('source', ['node', 'npm', 'sh']);
    execFileSync('tar', [
      '-xzf',
      join(release, `clair-${version}-source.tar.gz`),
      '-C',
      join(folder, 'source'),
    ]);
    const cwd = join(folder, 'source', `clair-${version}`);
    checkScan(await run('npm', ['run', '--silent', 'scan', '--', ...scan.slice(1)], { cwd, env }));
  });

  it("has npm's tarball, which can be installed", async () => {
    const env = environmentWith('npm', ['node', 'npm', 'sh']);
    const prefix = join(folder, 'npm', 'prefix');
    const file = join(release, `clair-${version}.tgz`);
    await run('npm', ['install', '--global', '--prefix', prefix, file], { cwd: folder, env });
    // The Node that it runs on has to be as new as it says.
    const node = environmentWith('npm-run', []);
    symlinkSync(process.execPath, join(folder, 'npm-run', 'bin', 'node'));
    const program = (name: string): string => join(prefix, 'bin', name);
    checkScan(await run('/usr/bin/env', [program('clairctl'), ...scan], { env: node }));
    assert.match(
      await run('/usr/bin/env', [program('clair'), '-version'], { env: node }),
      new RegExp(version),
    );
  });

  it('has a clairctl of one file, which scans without an environment', async () => {
    const data = join(folder, 'data');
    const program = join(release, `clairctl-linux-${ARCH}`);
    checkScan(
      await run(program, [...scan, '--data-dir', data], { env: { CLAIR_CACHE_DIR: join(folder, 'cache') } }),
    );
  });

  it('has a clair of one file, which says its commit, and serves', async () => {
    await using database = await testDatabase();
    const program = join(release, `clair-linux-${ARCH}`);
    const env = { CLAIR_CACHE_DIR: join(folder, 'cache') };
    assert.ok((await run(program, ['-version'], { env })).includes(git('rev-parse', 'HEAD')));
    const port = await freePort();
    const connection = { connstring: database.dsn, migrations: true };
    const file = join(folder, 'service.yaml');
    const listeners = { http_listen_addr: '127.0.0.1:0', introspection_addr: `127.0.0.1:${port}` };
    writeFileSync(
      file,
      worldConfig(world, {
        ...listeners,
        indexer: connection,
        matcher: { ...connection, disable_enrichment: true },
      }),
    );
    const child = spawn(program, ['-conf', file, '-mode', 'combo'], { env, stdio: 'ignore' });
    const ended = once(child, 'exit');
    try {
      await until('it is ready', () =>
        fetch(`http://127.0.0.1:${port}/readyz`).then(
          ({ status }) => status === 200,
          () => false,
        ),
      );
    } finally {
      child.kill('SIGTERM');
    }
    assert.deepEqual(await ended, [0, null]);
  });
});

/** The file that a shell would run, but for those of `node_modules`. */
function programPath(program: string): string {
  const found = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((path) => !path.includes('node_modules'))
    .map((path) => join(path, program))
    .find((path) => existsSync(path));
  assert.ok(found, `${program} is not there`);
  return found;
}
