/** Every flag of `scan`, run through the program: what it changes. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { scanCommand } from '../../src/cli/scan/scan-command.ts';
import { testDatabase } from '../../src/db/database.fixture.ts';
import { goProgram } from '../../src/ecosystems/go/function-table.fixture.ts';
import { startRegistry, type TestRegistry } from '../../src/image/registry/server.fixture.ts';
import { tarOf } from '../../src/image/tar/writer.fixture.ts';
import { image, layout } from '../../src/image/target/builder.fixture.ts';
import { ROOT } from '../imports.ts';
import { writeOciLayout, writeOciLayoutOf } from './make-image.ts';
import { type Ended, runToEnd } from './run-program.ts';
import { ALPINE, startWorld, worldConfig } from './world.ts';

describe('the flags of scan', () => {
  const open = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'clair-flags-'));
  const at = (name: string): string => join(folder, name);
  const [amd, arm] = [image(['a']), image(['b'], 'linux/arm64')];
  const ran = new Set<string>();
  let database: string[] = [];
  let registry: TestRegistry;

  before(async () => {
    open.defer(() => rmSync(folder, { recursive: true, force: true }));
    const world = open.use(await startWorld());
    const { dsn } = open.use(await testDatabase());
    writeFileSync(at('config.yaml'), worldConfig(world));
    database = ['--db', dsn, '--config', at('config.yaml')];
    writeOciLayout(at('image'), [ALPINE]);
    registry = open.use(await startRegistry());
    registry.content.pushLayout(
      'lab/both',
      layout([amd.descriptor, arm.descriptor], [...amd.blobs, ...arm.blobs]),
    );
    const first = await run([...database, '--update', 'always', at('image')]);
    assert.equal(first.code, 0, first.stdout + first.stderr);
    await addUnfixed();
  });
  after(() => open.disposeAsync());

  async function run(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
    for (const arg of args) if (arg.startsWith('--')) ran.add(arg);
    return await runToEnd('clairctl', ['scan', ...args], env, folder);
  }
  const scan = (...args: string[]): Promise<Ended> =>
    run([...database, '--update', 'never', ...args, at('image')]);
  const pull = (...args: string[]): Promise<Ended> =>
    run([...database, '--update', 'never', '--format', 'json', ...args, `${registry.host}/lab/both`]);

  /** A finding without a fix, which secdb cannot say: by way of an export. */
  async function addUnfixed(): Promise<void> {
    const file = at('export.json');
    const clairctl = (...args: string[]) => runToEnd('clairctl', [...args, ...database]);
    assert.equal((await clairctl('export-updaters', '--from-database', file)).code, 0);
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    const record = JSON.parse(lines.find((line) => line.includes('CVE-2099-0001'))!);
    record.Vuln.name = 'CVE-2099-0009';
    record.Vuln.package.name = 'sound';
    record.Vuln.fixed_in_version = '';
    delete record.Vuln.range;
    writeFileSync(file, `${[...lines, JSON.stringify(record)].join('\n')}\n`);
    const { code, stderr } = await clairctl('import-updaters', '--force', file);
    assert.equal(code, 0, stderr);
  }

  for (const flag of ['--only-fixed', '--ignore-unfixed']) {
    it(`${flag} leaves out what has no fix`, async () => {
      assert.match((await scan()).stdout, /sound .*CVE-2099-0009/);
      const { stdout } = await scan(flag);
      assert.match(stdout, /teapot .*CVE-2099-0001/);
      assert.doesNotMatch(stdout, /sound .*CVE-2099-0009/);
    });
  }

  it('--sort says which finding is first', async () => {
    for (const [order, want] of [
      ['package', ['sound', 'teapot']],
      ['vulnerability', ['teapot', 'sound']],
    ] as const) {
      const { stdout } = await scan('--sort', order);
      assert.deepEqual(stdout.match(/^(teapot|sound)(?= )/gm), want, stdout);
    }
  });

  it('--top and --group say what is listed, and the summary counts all', async () => {
    const { stdout } = await scan('--group', 'package', '--top', '1');
    assert.match(stdout, /upgrade teapot 1\.0-r0 -> 1\.1-r0: fixes 1\n/);
    assert.match(stdout, /… and 1 more \(--top 1/);
    assert.match(stdout, /2 findings in 2 packages/);
  });

  it('--severity, --fail-on and --show-suppressed say what counts', async () => {
    const { code, stdout } = await scan('--severity', 'high+', '--fail-on', 'fixable', '--show-suppressed');
    assert.equal(code, 2);
    assert.doesNotMatch(stdout, /^teapot/m);
  });

  it('--linked excludes what is not reachable by linking from --fail-on, and shows it', async () => {
    const modules = 'path\tlab\nmod\tlab\tv1.0.0\t\ndep\texample.com/m\tv1.0.0\th1:a=\n';
    const program = goProgram({ version: 'go1.21.0', modules }, ['example.com/m/a.Do']);
    const tar = tarOf({ name: 'run', content: program, mode: 0o755 });
    writeOciLayoutOf(at('program'), [gzipSync(tar)]);
    const clairctl = (...args: string[]) => runToEnd('clairctl', [...args, ...database]);
    const exported = at('of-go.json');
    assert.equal((await clairctl('export-updaters', '--from-database', exported)).code, 0);
    const [line = ''] = readFileSync(exported, 'utf8').split('\n');
    const record = JSON.parse(line);
    record.Updater = 'osv/go';
    Object.assign(record.Vuln, {
      ...{ updater: 'osv/go', name: 'CVE-2099-0010', fixed_in_version: '2.0.0', range: undefined },
      ...{ distribution: undefined, repository: { name: 'go', uri: 'https://pkg.go.dev/' } },
      Code: [{ path: 'example.com/m/b', symbols: ['Do'] }],
    });
    record.Vuln.package.name = 'example.com/m';
    record.Vuln.package.kind = 'binary';
    writeFileSync(exported, `${JSON.stringify(record)}\n`);
    const imported = await clairctl('import-updaters', '--force', exported);
    assert.equal(imported.code, 0, imported.stderr);
    const of = (...args: string[]) =>
      run([...database, '--update', 'never', '--fail-on', 'unknown', ...args, at('program')]);
    const [counted, excused] = [await of(), await of('--linked')];
    assert.equal(counted.code, 2, counted.stdout + counted.stderr);
    assert.notEqual(excused.code, 2);
    for (const { stdout } of [counted, excused])
      assert.match(stdout, /^example.com\/m .*CVE-2099-0010 .*not reachable by linking/m);
  });

  it('--exit-code is given in place of 2, and without a gate for what is shown', async () => {
    const cases: readonly (readonly [args: readonly string[], code: number])[] = [
      [['--exit-code', '7'], 7],
      [['--exit-code', '0'], 0],
      [['--exit-code', '7', '--severity', 'critical'], 0],
      [['--exit-code', '7', '--severity', 'critical', '--fail-on', 'fixable'], 7],
    ];
    for (const [args, want] of cases) assert.equal((await scan(...args)).code, want, args.join(' '));
  });

  it('--from says what the target is, --debug what is done, --timeout when to give up', async () => {
    const { code, stderr } = await scan('--from', 'oci-dir', '--debug', '--no-progress');
    assert.equal(code, 0, stderr);
    const late = await scan('--timeout', '1ms');
    assert.deepEqual([late.code, late.stdout], [1, '']);
    assert.match(late.stderr, /--timeout/);
  });

  it('takes command lines of other scanners', async () => {
    const clairctl = (...args: string[]): Promise<Ended> => runToEnd('clairctl', args, {}, folder);
    const common = [...database, '--skip-db-update'];
    const trivy = await clairctl('image', ...common, '--scanners', 'vuln', '--exit-code', '1', at('image'));
    assert.equal(trivy.code, 1, trivy.stderr);
    assert.match(trivy.stdout, /teapot .*CVE-2099-0001/);
    const grype = await clairctl(at('image'), '-o', 'json=r.json', '-f', 'unknown', ...common);
    assert.deepEqual([grype.code, grype.stdout], [2, ''], grype.stderr);
    assert.ok(JSON.parse(readFileSync(at('r.json'), 'utf8')).report);
    assert.equal(existsSync(at('json=r.json')), false);
    const purl = await clairctl('pkg:npm/lodash@4.17.20', ...common, '-o', 'json');
    assert.equal(purl.code, 3, purl.stderr); // no feed of npm is loaded here
    assert.equal(JSON.parse(purl.stdout).packages, 1);
    const refused = await clairctl('scan', 'containerd:alpine');
    assert.deepEqual([refused.code, refused.stdout], [1, '']);
    assert.match((await clairctl('words')).stdout, /--skip-db-update/);
    assert.match((await clairctl('version', '-o', 'json')).stdout, /"application":"clairctl"/);
  });

  it('refuses the name of a format as the name of a file, whoever says it', async () => {
    const { code, stderr } = await run([at('image')], { CLAIR_OUTPUT: 'json' });
    assert.equal(code, 1);
    assert.match(stderr, /use --format json/);
    assert.equal(existsSync(at('json')), false);
  });

  it('--ignore-file and --vex take findings away', async () => {
    writeFileSync(at('ignore'), 'CVE-2099-0001\n');
    const status = 'not_affected';
    const products = [{ '@id': 'pkg:apk/alpine/sound' }];
    const statements = [{ vulnerability: { name: 'CVE-2099-0009' }, products, status }];
    writeFileSync(
      at('vex.json'),
      JSON.stringify({ '@context': 'https://openvex.dev/ns/v0.2.0', statements }),
    );
    const { code, stderr } = await scan(
      ...['--fail-on', 'unknown', '--ignore-file', at('ignore'), '--vex', at('vex.json')],
    );
    assert.equal(code, 0, stderr);
  });

  it('--no-ignore-file takes none that lies there, which --quiet does not tell', async () => {
    writeFileSync(at('.trivyignore'), 'CVE-2099-0001\nCVE-2099-0009\n');
    const gate = ['--fail-on', 'unknown'];
    const taken = await scan(...gate);
    assert.deepEqual([taken.code, /\.trivyignore/.test(taken.stderr)], [0, true]);
    const quiet = await scan(...gate, '--quiet');
    assert.deepEqual([quiet.code, quiet.stderr], [0, '']);
    assert.equal((await scan(...gate, '--no-ignore-file')).code, 2);
    rmSync(at('.trivyignore'));
  });

  it('--format, --output, --template and --sbom-output say what is written where', async () => {
    writeFileSync(at('t'), 'made by a template');
    const { code, stdout, stderr } = await scan(
      ...['--format', `template,json=${at('r.json')}`, '--template', at('t'), '--output', at('t.out')],
      ...['--sbom-output', at('s.spdx.json')],
    );
    assert.deepEqual([code, stdout], [0, ''], stderr);
    assert.equal(readFileSync(at('t.out'), 'utf8').trim(), 'made by a template');
    assert.ok(JSON.parse(readFileSync(at('r.json'), 'utf8')).report);
    assert.ok(JSON.parse(readFileSync(at('s.spdx.json'), 'utf8')).spdxVersion);
  });

  it('--scan-config has defaults of flags', async () => {
    writeFileSync(at('flags.yaml'), 'fail-on: fixable\n');
    assert.equal((await scan('--scan-config', at('flags.yaml'))).code, 2);
  });

  it('--config, --db and --data-dir say what is used, and have to be there', async () => {
    const nowhere = join(at('config.yaml'), 'data');
    for (const args of [
      ['--config', nowhere],
      ['--data-dir', nowhere],
      ['--db', 'postgres://nobody@127.0.0.1:1/none'],
    ]) {
      const { code, stdout, stderr } = await run([...args, '--update', 'never', at('image')]);
      assert.deepEqual([code, stdout], [1, ''], stderr);
      assert.match(stderr, /config\.yaml|127\.0\.0\.1/);
      assert.doesNotMatch(stderr, /\n\s+at /);
    }
  });

  it('--db-linger 0 leaves no server behind', async () => {
    const own = ['--data-dir', at('own'), '--update', 'never'];
    assert.equal((await run([...own, '--db-linger', '0', at('image')])).code, 3);
    assert.equal(existsSync(join(at('own'), 'sockets')), false);
    const { code, stderr } = await run([...own, '--db-linger', 'soon', at('image')]);
    assert.equal(code, 1);
    assert.match(stderr, /--db-linger.*expected a duration/);
  });

  it('--feeds takes what is in a file, and leaves the database alone', async () => {
    const file = at('only.json');
    const lines = readFileSync(at('export.json'), 'utf8').split('\n');
    writeFileSync(file, lines.filter((line) => !line.includes('CVE-2099-0009')).join('\n'));
    const only = await run([...database, '--feeds', file, at('image')]);
    assert.equal(only.code, 0, only.stderr);
    assert.match(only.stdout, /teapot .*CVE-2099-0001/);
    assert.doesNotMatch(only.stdout, /CVE-2099-0009/);
    assert.match((await scan()).stdout, /CVE-2099-0009/);
    for (const [args, message] of [
      [['--feeds', at('nowhere')], /nowhere/],
      [['--feeds', at('config.yaml')], /config\.yaml is not an export of export-updaters/],
      [['--feeds', file, '--update', 'always'], /--feeds and --update always exclude each other/],
      [['--feeds', '-', '--password-stdin'], /only one of --feeds/],
    ] as const) {
      const { code, stderr } = await run([...database, ...args, at('image')]);
      assert.equal(code, 1);
      assert.match(stderr, message);
    }
  });

  it('--config limits layers', async () => {
    writeOciLayout(at('many'), [{ ...ALPINE, 'etc/one': '1', 'etc/two': '2' }]);
    writeFileSync(at('limits.yaml'), 'indexer: {layer_limits: {entries: 3}}');
    const [, dsn = ''] = database;
    const refused = await run(['--db', dsn, '--config', at('limits.yaml'), '--update', 'never', at('many')]);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /more than 3 entries .*\(indexer\.layer_limits\.entries\)/);
    const raised = await run([...database, '--update', 'never', at('many')]);
    assert.equal(raised.code, 0, raised.stderr);
  });

  it('--cross-mounts goes into a directory', async () => {
    writeFileSync(at('app.txt'), '');
    const { code, stderr } = await run([
      ...[...database, '--update', 'never', '--cross-mounts', '--format', `json=${at('dir.json')}`],
      `dir:${at('image')}`,
    ]);
    assert.ok(code === 0 || code === 3, stderr);
    assert.ok(existsSync(at('dir.json')));
  });

  it('--platform chooses one of several images', async () => {
    for (const [platform, { digest }] of [
      ['linux/amd64', amd],
      ['linux/arm64', arm],
    ] as const)
      assert.equal(JSON.parse((await pull('--platform', platform)).stdout).manifest, digest);
  });

  it('--registry-token is what the registry is shown', async () => {
    registry.manners.auth = 'bearer';
    await pull('--registry-token', 'mine');
    assert.ok(registry.seen.some(({ authorization }) => authorization === 'Bearer mine'));
    registry.manners.auth = 'none';
  });

  it('--username and --password-stdin log in', async () => {
    Object.assign(registry.manners, { auth: 'basic', users: { me: 'secret' } });
    const args = ['--username', 'me', '--password-stdin', '--platform', 'linux/arm64', '--format', 'json'];
    for (const arg of args) ran.add(arg);
    const { promise, resolve } = Promise.withResolvers<string>();
    const child = execFile(
      process.execPath,
      [
        ...[join(ROOT, 'bin', 'clairctl.mjs'), 'scan', ...database, '--update', 'never', ...args],
        `${registry.host}/lab/both`,
      ],
      (_, stdout, stderr) => resolve(stdout || stderr),
    );
    child.stdin!.end('secret\n');
    assert.match(await promise, new RegExp(arm.digest));
    Object.assign(registry.manners, { auth: 'none', users: {} });
  });

  it('--plain-http asks without TLS; --insecure and --ca-cert say which certificates will do', async () => {
    assert.match((await pull('--plain-http')).stdout, /"manifest"/);
    assert.match((await pull('--insecure')).stdout, /"manifest"/);
    const { code, stderr } = await pull('--ca-cert', at('none.pem'));
    assert.equal(code, 1);
    assert.match(stderr, /none\.pem/);
  });

  it('--only-notfixed and --exclude take findings from the view and from the gate', async () => {
    const unfixed = await scan('--only-notfixed');
    assert.match(unfixed.stdout, /CVE-2099-0009/);
    assert.doesNotMatch(unfixed.stdout, /CVE-2099-0001/);
    const excluded = await scan('--exclude', 'lib/apk', '--fail-on', 'unknown');
    assert.equal(excluded.code, 0, excluded.stderr);
    assert.match(excluded.stdout, /Suppressed: 2 findings \(2 by --exclude/);
  });

  it('--sbom-sources, --attach and --key are about what a registry holds for an image', async () => {
    const args = ['--platform', 'linux/amd64'];
    const attached = await pull(...args, '--attach', 'sbom');
    assert.match(attached.stderr, /sbom/);
    const used = await pull(...args, '--sbom-sources', 'oci');
    assert.match(used.stdout, /"manifest"/);
    const { code, stderr } = await pull(...args, '--sbom-sources', 'oci', '--key', at('none.pub'));
    assert.equal(code, 1);
    assert.match(stderr, /none\.pub/);
  });

  it('--db-repository, --db-key and --db-max-age choose a published database, and --progress how it is told', async () => {
    const from = (...args: string[]) => run([...database, ...args, at('image')]);
    const never = await from('--db-repository', at('nowhere'), '--progress', 'plain', '--update', 'auto');
    assert.match(never.stderr, /nowhere/);
    for (const [args, message] of [
      [['--db-repository', at('nowhere'), '--db-key', at('none.pub')], /none\.pub/],
      [['--db-repository', at('nowhere'), '--db-max-age', 'soon'], /--db-max-age.*soon/],
    ] as const) {
      const { code, stderr } = await from(...args);
      assert.equal(code, 1, stderr);
      assert.match(stderr, message);
    }
  });

  it('have all been run', () => {
    const flags = scanCommand().options.map(({ long }) => long!);
    assert.deepEqual(
      flags.filter((flag) => !ran.has(flag)),
      [],
    );
  });
});
