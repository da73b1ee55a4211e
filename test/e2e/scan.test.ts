/** `clairctl scan` as a whole: images and folders in, table, JSON and exit codes out, and what goes wrong. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { testDatabase } from '../../src/db/database.fixture.ts';
import { writeOciLayout } from './make-image.ts';
import { type Ended, runToEnd } from './run-program.ts';
import { ALPINE, startWorld, worldConfig } from './world.ts';

describe('clairctl scan', () => {
  const open = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'clair-scan-'));
  const image = join(folder, 'image');
  let database: string[] = [];

  before(async () => {
    open.defer(() => rmSync(folder, { recursive: true, force: true }));
    const world = open.use(await startWorld());
    const { dsn } = open.use(await testDatabase());
    const config = join(folder, 'config.yaml');
    writeFileSync(config, worldConfig(world));
    database = ['--db', dsn, '--config', config];
    writeOciLayout(image, [ALPINE]);
  });
  after(() => open.disposeAsync());

  const scan = (...args: string[]): Promise<Ended> => runToEnd('clairctl', ['scan', ...database, ...args]);

  it('prints what it found, and passes without a gate', async () => {
    const { code, stdout, stderr } = await scan(image);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^teapot\s+1\.0-r0\s+1\.1-r0\s+apk\s+CVE-2099-0001/m);
    assert.doesNotMatch(stdout, /CVE-2099-0002|sound/);
    assert.match(stdout + stderr, /Checked against: .*alpine/);
  });

  it('says the same in JSON', async () => {
    const { code, stdout, stderr } = await scan('--format', 'json', '--update', 'never', `oci:${image}`);
    assert.equal(code, 0, stderr);
    const result = JSON.parse(stdout);
    const names = Object.values<{ name: string }>(result.report.vulnerabilities).map(({ name }) => name);
    assert.deepEqual(names, ['CVE-2099-0001']);
    assert.deepEqual(result.incomplete, []);
  });

  it('fails a gate with 2', async () => {
    const { code, stderr } = await scan('--fail-on', 'unknown', '--update', 'never', image);
    assert.equal(code, 2, stderr);
  });

  it('scans an unpacked system', async () => {
    const system = join(folder, 'system');
    for (const [path, text] of Object.entries(ALPINE)) {
      mkdirSync(join(system, dirname(path)), { recursive: true });
      writeFileSync(join(system, path), text);
    }
    const { code, stdout, stderr } = await scan('--update', 'never', `dir:${system}`);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /CVE-2099-0001/);
  });

  it('returns 3 for a directory without a system, and 0 for an image without packages', async () => {
    const source = join(folder, 'source');
    mkdirSync(source);
    writeFileSync(join(source, 'package-lock.json'), '{}');
    const { code, stdout, stderr } = await scan('--update', 'never', `dir:${source}`);
    assert.equal(code, 3, stdout + stderr);
    assert.match(stdout + stderr, /NOT CHECKED: .*source: no packages and no operating system/);
    const scratch = join(folder, 'scratch');
    writeOciLayout(scratch, [{ program: 'static' }]);
    const image = await scan('--update', 'never', scratch);
    assert.deepEqual([image.code, /No packages found/.test(image.stdout)], [0, true], image.stderr);
  });

  it('says 3 where a part of the image was not checked', async () => {
    const other = join(folder, 'other');
    writeOciLayout(other, [
      {
        'etc/os-release': (ALPINE['etc/os-release'] ?? '').replaceAll('3.40', '3.99'),
        'lib/apk/db/installed': ALPINE['lib/apk/db/installed'] ?? '',
      },
    ]);
    const { code, stdout, stderr } = await scan('--update', 'never', other);
    assert.equal(code, 3, stdout + stderr);
    assert.match(stdout + stderr, /NOT CHECKED: .*3\.99/);
  });

  it('says 3 and not "no vulnerabilities" where nothing was ever loaded', async () => {
    await using empty = await testDatabase();
    const { code, stdout } = await runToEnd('clairctl', [
      'scan',
      '--db',
      empty.dsn,
      '--update',
      'never',
      image,
    ]);
    assert.equal(code, 3, stdout);
    assert.doesNotMatch(stdout, /No known vulnerabilities/);
  });

  const wrong: [string, () => string[], RegExp][] = [
    ['a target that is not there', () => [join(folder, 'nowhere')], /nowhere/],
    ['a folder that is no image', () => [`oci:${folder}`], /oci-layout|OCI/],
    ['no target', () => [], /no target given/],
    ['a flag that there is not', () => ['--colour', image], /--colour/],
    ['a severity that there is not', () => ['--fail-on', 'mild', image], /mild/],
  ];
  for (const [what, args, message] of wrong) {
    it(`says 1 and why for ${what}`, async () => {
      const { code, stdout, stderr } = await scan('--update', 'never', ...args());
      assert.equal(code, 1, stdout + stderr);
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /\n\s+at |internal error/, 'no stack trace');
      assert.equal(stdout, '');
    });
  }

  it('says 1 and which layer for one that ends too early', async () => {
    const truncated = join(folder, 'truncated');
    writeOciLayout(truncated, [{ 'etc/hostname': 'x'.repeat(9000) }], (blob) =>
      blob.subarray(0, blob.length >> 1),
    );
    const { code, stdout, stderr } = await scan('--update', 'never', truncated);
    assert.equal(code, 1, stdout + stderr);
    assert.match(stderr, /[0-9a-f]{64}/);
    assert.equal(stdout, '');
  });
});
