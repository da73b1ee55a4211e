/** `clairctl scan` of what is broken, hostile or not there: it ends soon, with 1 and a reason. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { testDatabase } from '../../src/db/database.fixture.ts';
import { entryOf } from '../../src/image/tar/writer.fixture.ts';
import { freePort } from '../conformance/service.ts';
import { makeTar, writeOciLayout, writeOciLayoutOf } from './make-image.ts';
import { runToEnd } from './run-program.ts';
import { ALPINE, startWorld, type World, worldConfig } from './world.ts';

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
const isRoot = process.getuid?.() === 0;

describe('broken input', () => {
  const open = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'clair-broken-'));
  const image = join(folder, 'image');
  let world: World;
  let dsn = '';

  before(async () => {
    open.defer(() => rmSync(folder, { recursive: true, force: true }));
    world = open.use(await startWorld());
    dsn = open.use(await testDatabase()).dsn;
    writeOciLayout(image, [ALPINE]);
  });
  after(() => open.disposeAsync());

  async function fails(args: readonly string[], message: RegExp): Promise<string> {
    const { code, stdout, stderr } = await runToEnd('clairctl', ['scan', '--update', 'never', ...args]);
    assert.equal(code, 1, stdout + stderr);
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /\n\s+at |internal error|Error:/, 'no stack trace');
    assert.equal(stdout, '');
    return stderr;
  }

  function imageOf(name: string, blob: Buffer, spoil?: (blob: Buffer) => Buffer): string {
    const path = join(folder, name.replaceAll(' ', '-'));
    writeOciLayoutOf(path, [blob], spoil);
    return path;
  }

  const noise = Buffer.from(Array.from({ length: 9000 }, (_, i) => (i * i * 7919) % 251));
  const whole = gzipSync(makeTar({ 'etc/hostname': noise.toString('latin1') }));
  const middle = whole.length >> 1;
  const spoiled: [string, Buffer, ((blob: Buffer) => Buffer) | undefined, RegExp][] = [
    ['a layer that ends too early', whole, (blob) => blob.subarray(0, middle), /validation failed/],
    ['a truncated layer with its digest', whole.subarray(0, middle), undefined, /unexpected EOF/],
    [
      'a layer with a wrong bit',
      whole,
      (blob) => blob.map((byte, i) => (i === middle ? byte ^ 1 : byte)) as Buffer,
      /sha256:/,
    ],
    ['a layer that is no tar', Buffer.from('<html>'.repeat(500)), undefined, /tar/],
    ['gzip of what is no tar', gzipSync('<html>'.repeat(500)), undefined, /tar/],
    ['a layer of xz', Buffer.from('fd377a585a00000004e6d6b446', 'hex'), undefined, /xz/],
    ['half a tar', gzipSync(makeTar({ a: 'x'.repeat(5000) }).subarray(0, 2000)), undefined, /EOF|tar/],
  ];
  for (const [what, blob, spoil, message] of spoiled) {
    it(`says why of ${what}`, async () => {
      const stderr = await fails(['--db', dsn, imageOf(what, blob, spoil)], message);
      assert.match(stderr, /sha256:[0-9a-f]{64}/, 'which layer');
    });
  }

  for (const [kind, pack] of [
    ['gzip', (bytes: Buffer) => gzipSync(bytes, { level: 9 })],
    ['zstd', (bytes: Buffer) => zstdCompressSync(bytes)],
  ] as const) {
    it(`ends a bomb of 40 GB in ${kind}`, { timeout: 300_000 }, async () => {
      const size = 40 * GIB;
      const head = entryOf({
        name: 'zeros',
        patch(block) {
          // tar(5), GNU: a size over 8 GiB is binary
          block.fill(0, 124, 136);
          block[124] = 0x80;
          block.writeBigUInt64BE(BigInt(size), 128);
        },
      });
      const zeros = pack(Buffer.alloc(64 * MIB));
      const members = Array.from({ length: size / (64 * MIB) }, () => zeros);
      const path = imageOf(`bomb ${kind}`, Buffer.concat([pack(head), ...members, pack(Buffer.alloc(1024))]));
      await fails(['--db', dsn, path], /layer exceeds a limit: unpacks to more than \d+ times its size/);
      rmSync(path, { recursive: true });
    });
  }

  it('says that a target may not be read', {
    skip: isRoot && 'root may read everything',
  }, async () => {
    const locked = join(folder, 'locked');
    mkdirSync(locked, { mode: 0o000 });
    open.defer(() => chmodSync(locked, 0o700));
    await fails(['--db', dsn, `dir:${locked}`], /EACCES|permission denied/);
    await fails(['--db', dsn, join(locked, 'image')], /permission denied/);
  });

  const targets: [string, string[], RegExp][] = [
    ['a registry that is not there', ['127.0.0.1:1/app:1'], /127\.0\.0\.1:1/],
    ['a tag that is not there', [`oci:${image}:other`], /other/],
    ['an engine that does not run', ['docker-daemon:app:1'], /docker/],
    ['an archive that is none', [`docker-archive:${join(folder, 'none.tar')}`], /none\.tar/],
    ['a platform that is not there', ['--platform', 'plan9/mips', image], /plan9/],
    ['an output that cannot be written', ['--output', join(folder, 'none', 'report'), image], /report/],
  ];
  for (const [what, args, message] of targets) {
    it(`says why of ${what}`, async () => {
      await fails(['--db', dsn, ...args], message);
    });
  }

  it('says why of a database that cannot be had, without its password', async () => {
    const port = await freePort();
    const cases: [string, RegExp][] = [
      [
        `host=127.0.0.1 port=${port} user=u password=s3cret dbname=d`,
        new RegExp(`127\\.0\\.0\\.1:${port}.*is the server running`),
      ],
      [`postgres://u:s3cret@127.0.0.1:${port}/d`, new RegExp(`127\\.0\\.0\\.1:${port}`)],
      ['host=nowhere.invalid password=s3cret', /nowhere\.invalid/],
      ['s3cret nonsense', /connection string/],
    ];
    for (const [text, message] of cases) {
      const stderr = await fails(['--db', text, image], message);
      assert.doesNotMatch(stderr, /s3cret/);
    }
    const other = `${dsn}${dsn.includes('://') ? '&' : ' '}dbname=clair_test_none`;
    await fails(['--db', other, image], /clair_test_none.*CREATE DATABASE/);
  });

  it('says why of a data directory that cannot be used', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    await fails(['--data-dir', file, image], new RegExp(`the embedded database in ${file} cannot be used`));
    await fails(['--data-dir', image, image], /contains files that do not belong/);
  });

  const configs: [string, string, RegExp][] = [
    ['a key that there is not', 'updater: {sets: []}', /1: updater: unknown key: did you mean updaters/],
    ['a value of another kind', 'matcher: {period: often}', /matcher\.period.*often/s],
    ['no YAML', 'matcher: [', /config\.yaml/],
  ];
  for (const [what, text, message] of configs) {
    it(`says where a configuration has ${what}`, async () => {
      const file = join(folder, 'config.yaml');
      writeFileSync(file, text);
      await fails(['--db', dsn, '--config', file, image], message);
    });
  }

  it('takes versions that differ in their text alone for equal', async () => {
    const pages: Record<string, string> = {
      '/debian/dists/': '<a href="bookworm/">bookworm/</a>',
      '/debian/dists/bookworm/Release': 'Suite: stable\nVersion: 12.4\nCodename: bookworm\n',
      '/tracker.json': JSON.stringify(
        Object.fromEntries(
          ['1.01', '1.1', '0:1.1', '1.1-0', '1.001-00', '1.2'].map((fixed_version, i) => [
            `teapot${i}`,
            { [`CVE-2099-000${i}`]: { releases: { bookworm: { status: 'resolved', fixed_version } } } },
          ]),
        ),
      ),
    };
    world.intercept = (path, response) => {
      if (pages[path] === undefined) return false;
      response.end(pages[path]);
      return true;
    };
    const config = join(folder, 'debian.yaml');
    writeFileSync(
      config,
      worldConfig(world, {
        updaters: {
          sets: ['debian'],
          config: { debian: { mirror_url: world.address, json_url: `${world.address}/tracker.json` } },
        },
      }),
    );
    const packages = ['1.1', '1.01', '01.1', '1.1', '1.1-0', '1.1'].map(
      (version, i) =>
        `Package: teapot${i}\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\n`,
    );
    const path = join(folder, 'debian');
    writeOciLayout(path, [
      {
        'etc/os-release':
          'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nNAME="Debian GNU/Linux"\nVERSION="12 (bookworm)"\n',
        'var/lib/dpkg/status': packages.join('\n'),
      },
    ]);
    const args = ['--db', dsn, '--config', config, '--update', 'always', '--format', 'json', path];
    const { code, stdout, stderr } = await runToEnd('clairctl', ['scan', ...args]);
    assert.equal(code, 0, stderr + stdout);
    const { vulnerabilities, undecided } = JSON.parse(stdout).report;
    const found = Object.values<{ name: string }>(vulnerabilities).map(({ name }) => name);
    assert.deepEqual([found, undecided], [['CVE-2099-0005'], {}]);
  });
});
