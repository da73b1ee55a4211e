/** What installs clairctl: install.sh from a release, the Debian package and the formula that a release has. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
// @ts-expect-error: plain JavaScript
import { bundleInto } from '../../scripts/build.mjs';
// @ts-expect-error: plain JavaScript
import { writeDebianPackage, writeFormula, writeNpmPackage } from '../../scripts/release/packages.mjs';
import { ROOT } from '../imports.ts';

const arch = process.arch === 'arm64' ? 'arm64' : 'x64';
const program = `clairctl-linux-${arch}`;
const hasRuby = spawnSync('ruby', ['--version']).status === 0;
const hasDpkg = spawnSync('dpkg-deb', ['--version']).status === 0;

describe('what installs clairctl', { skip: process.platform !== 'linux' && 'programs are for Linux' }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'clair-install-'));
  const release = join(folder, 'release');
  const to = join(folder, 'bin');
  const sums = (): void => {
    const hash = createHash('sha256')
      .update(readFileSync(join(release, program)))
      .digest('hex');
    writeFileSync(join(release, 'SHA256SUMS'), `${'0'.repeat(64)}  other\n${hash}  ${program}\n`);
  };
  before(() => {
    mkdirSync(release);
    // In place of the one file of a release, which takes minutes to build.
    writeFileSync(
      join(release, program),
      `#!/bin/sh\nexec "${process.execPath}" "${join(ROOT, 'bin', 'clairctl.mjs')}" "$@"\n`,
    );
    sums();
  });
  after(() => rmSync(folder, { recursive: true }));

  const tar = (directory: string, names: readonly string[]) =>
    execFileSync('tar', ['-c', '--sort=name', '--mtime=@0', '--owner=0', '--group=0', ...names], {
      cwd: directory,
      maxBuffer: 1 << 28,
    });
  const install = (...args: string[]) =>
    spawnSync('sh', [join(ROOT, 'install.sh'), ...args], { encoding: 'utf8', cwd: folder });

  it('install.sh puts the program there that the checksums name', () => {
    const { status, stdout, stderr } = install('--base-url', `file://${release}`, '--to', to);
    assert.equal(status, 0, stderr);
    assert.match(stdout, new RegExp(`^installed ${to}/clairctl\n$`));
    assert.deepEqual(readdirSync(to), ['clairctl']);
    assert.match(execFileSync(join(to, 'clairctl'), ['--version'], { encoding: 'utf8' }), /\d+\.\d+\.\d+/);
  });

  it('install.sh leaves what is there when anything is wrong', () => {
    const before = readFileSync(join(to, 'clairctl'));
    appendFileSync(join(release, program), '# changed on the way\n');
    const cases: [args: string[], message: RegExp][] = [
      [['--base-url', `file://${release}`], /has the checksum .*nothing was installed/],
      [['--base-url', `file://${folder}/nowhere`], /could not fetch .*SHA256SUMS/],
      [['--base-url', 'http://127.0.0.1:1'], /could not fetch/],
      [['--base-url', `file://${release}`, '--program', 'clair'], /has no clair-linux/],
      [['--program', 'other'], /no release is built in/],
      [['--wrong', 'x'], /unknown option --wrong/],
      [['--base-url'], /--base-url wants a value/],
    ];
    for (const [args, message] of cases) {
      const { status, stderr } = install(...args, ...(args.length === 1 ? [] : ['--to', to]));
      assert.equal(status, 1, stderr);
      assert.match(stderr, message);
    }
    assert.deepEqual(readFileSync(join(to, 'clairctl')), before);
    sums();
  });

  it('a release has a Debian package', { skip: !hasDpkg && 'dpkg-deb is not there' }, () => {
    chmodSync(join(release, program), 0o755);
    const build = (work: string): Buffer => {
      const about = { description: 'Finds vulnerabilities.' };
      writeDebianPackage({ out: release, work, root: ROOT, arch, version: '1.2.3', about, time: 0, tar });
      return readFileSync(join(release, file));
    };
    const file = `clairctl_1.2.3_${arch === 'x64' ? 'amd64' : 'arm64'}.deb`;
    const first = build(join(folder, 'one'));
    assert.ok(first.equals(build(join(folder, 'two'))), 'the same bytes each time');
    const unpacked = join(folder, 'unpacked');
    execFileSync('dpkg-deb', ['--extract', join(release, file), unpacked]);
    const field = (name: string) =>
      execFileSync('dpkg-deb', ['--field', join(release, file), name], { encoding: 'utf8' }).trim();
    assert.deepEqual([field('Package'), field('Version')], ['clairctl', '1.2.3']);
    assert.match(
      execFileSync(join(unpacked, 'usr/bin/clairctl'), ['--version'], { encoding: 'utf8' }),
      /\d+\.\d+/,
    );
    assert.ok(existsSync(join(unpacked, 'usr/share/man/man1/clairctl.1.gz')));
  });

  it('a release has a package for npx and npm install --global, which needs nothing beside it', async () => {
    const [out, app, home] = ['npm', 'app', 'home'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    for (const each of [out, home]) mkdirSync(each);
    await bundleInto(app);
    const about = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    writeNpmPackage({ out, work: join(folder, 'work'), root: ROOT, app, version: '1.2.3', about, tar });
    const file = join(out, 'clair-1.2.3.tgz');
    const env = {
      PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
      HOME: home,
      npm_config_offline: 'true',
      npm_config_audit: 'false',
    };
    const run = (command: string, ...args: string[]): string =>
      execFileSync(command, args, { cwd: home, env, encoding: 'utf8' });
    assert.match(run('npx', '--yes', '--package', file, 'clairctl', '--version'), /\d+\.\d+\.\d+/);
    const prefix = join(home, 'prefix');
    run('npm', 'install', '--silent', '--global', '--prefix', prefix, file);
    for (const name of ['clairctl', about.name])
      assert.match(run(join(prefix, 'bin', name), 'scan', '--help'), /clairctl scan/);
    assert.match(run(join(prefix, 'bin', 'clair'), '-version'), /\d+\.\d+\.\d+/);
  });

  it('a release has a formula with the checksum of its package', () => {
    writeFileSync(join(release, 'clair-1.2.3.tgz'), 'package');
    const about = { description: 'Finds "vulnerabilities".', license: 'Apache-2.0' };
    writeFormula({ out: release, version: '1.2.3', about, url: 'https://example.com/v1.2.3' });
    const formula = readFileSync(join(release, 'clairctl.rb'), 'utf8');
    const hash = createHash('sha256').update('package').digest('hex');
    assert.match(formula, new RegExp(`url "https://example.com/v1.2.3/clair-1.2.3.tgz"\n  sha256 "${hash}"`));
    assert.match(formula, /desc "Finds \\"vulnerabilities\\""/);
  });

  it('the formula is Ruby', { skip: !hasRuby && 'ruby is not there' }, () => {
    const checked = execFileSync('ruby', ['-wc', join(release, 'clairctl.rb')], { encoding: 'utf8' });
    assert.equal(checked, 'Syntax OK\n');
  });
});
