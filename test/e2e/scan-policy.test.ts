/** What counts in a scan, as a user says it: gates, filters, ignore files, VEX; and why: explain and diff. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { testDatabase } from '../../src/db/database.fixture.ts';
import { writeOciLayout } from './make-image.ts';
import { type Ended, runToEnd } from './run-program.ts';
import { ALPINE, startWorld, worldConfig } from './world.ts';

describe('what counts', () => {
  const open = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'clair-policy-'));
  const [image, updated] = [join(folder, 'image'), join(folder, 'updated')];
  let database: string[] = [];

  before(async () => {
    open.defer(() => rmSync(folder, { recursive: true, force: true }));
    const world = open.use(await startWorld());
    const { dsn } = open.use(await testDatabase());
    const config = file('config.yaml', worldConfig(world));
    database = ['--db', dsn, '--config', config];
    writeOciLayout(image, [ALPINE]);
    writeOciLayout(updated, [
      { ...ALPINE, 'lib/apk/db/installed': ALPINE['lib/apk/db/installed']!.replace('V:1.0-r0', 'V:1.1-r0') },
    ]);
    assert.equal((await run('scan', image)).code, 0);
  });
  after(() => open.disposeAsync());

  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const run = (command: string, ...args: string[]): Promise<Ended> =>
    runToEnd('clairctl', [command, ...database, ...args]);
  const scan = (...args: string[]): Promise<Ended> => run('scan', '--update', 'never', ...args, image);

  const gates: [string, number][] = [
    ['unknown', 2],
    ['critical', 0],
    ['kev', 3], // what it needs was never loaded here
    ['fixable', 2],
    ['unknown+fixable', 2],
    ['epss>0.5,critical', 3],
    ['epss>0.5,fixable', 2],
  ];
  for (const [gate, want] of gates) {
    it(`--fail-on ${gate} -> ${want}`, async () => {
      const { code, stdout, stderr } = await scan('--fail-on', gate);
      assert.equal(code, want, stderr);
      assert.equal(/^--fail-on/m.test(stderr), want === 2);
      const needs = /--fail-on (?:kev|epss>0\.5) needs clair\.(?:kev|epss), which was never loaded/;
      assert.equal(needs.test(stdout + stderr), /kev|epss/.test(gate));
    });
  }

  it('an ignore file suppresses a finding in table and gate, and reports it', async () => {
    const ignore = file('ignore.yaml', 'ignore:\n  - id: CVE-2099-0001\n    reason: WHY\n  - id: CVE-7\n');
    const { code, stdout } = await scan('--fail-on', 'unknown', '--ignore-file', ignore, '--show-suppressed');
    assert.equal(code, 0);
    assert.match(stdout, /All findings are hidden or suppressed/);
    assert.match(stdout, /Suppressed: 1 finding /);
    assert.match(stdout, /teapot .*ignored: WHY/);
    assert.match(stdout, /ignore\.yaml:4: CVE-7 fits nothing/);
  });

  it('so does a VEX document, in every file that is written', async () => {
    const vex = file(
      'vex.json',
      JSON.stringify({
        '@context': 'https://openvex.dev/ns/v0.2.0',
        statements: [
          {
            vulnerability: { name: 'CVE-2099-0001' },
            products: [{ '@id': 'pkg:apk/alpine/teapot' }],
            status: 'not_affected',
          },
        ],
      }),
    );
    const sarif = join(folder, 'x.sarif');
    const { code, stderr } = await scan('--fail-on', 'unknown', '--vex', vex, '--format', `sarif=${sarif}`);
    assert.equal(code, 0, stderr);
    assert.equal(JSON.parse(readFileSync(sarif, 'utf8')).runs[0].results[0].suppressions.length, 1);
  });

  it('what is not of the severities is left out but counts', async () => {
    const { code, stdout } = await scan('--severity', 'critical', '--fail-on', 'fixable');
    assert.equal(code, 2);
    assert.match(stdout, /Hidden: 1 finding of other severities/);
  });

  it('a file of defaults, and the environment', async () => {
    const config = file('scan.yaml', 'fail-on: fixable\n');
    assert.equal((await scan('--scan-config', config)).code, 2);
    const { code } = await runToEnd('clairctl', ['scan', ...database, '--update', 'never', image], {
      CLAIR_FAIL_ON: 'fixable',
    });
    assert.equal(code, 2);
  });

  for (const [args, message] of [
    [['--ignore-file', '/nowhere'], /ignore file \/nowhere/],
    [['--vex', '/nowhere'], /VEX document \/nowhere/],
    [['--scan-config', '/nowhere'], /scan configuration \/nowhere/],
    [['--fail-on', 'mild'], /mild/],
    [['--severity', 'mild'], /mild/],
  ] as const) {
    it(`says 1 and why for ${args.join(' ')}`, async () => {
      const { code, stdout, stderr } = await scan(...args);
      assert.deepEqual([code, stdout], [1, '']);
      assert.match(stderr, message);
    });
  }

  it('explain shows range, file, layer and verdict', async () => {
    const { code, stdout, stderr } = await run('explain', '--update', 'never', 'CVE-2099-0001', image);
    assert.equal(code, 0, stderr);
    for (const part of [
      /teapot 1\.0-r0 \(apk\): AFFECTED/,
      /range +below 1\.1-r0/,
      /lib\/apk\/db\/installed/,
      /layer +1 of 1/,
    ])
      assert.match(stdout, part);
    const other = await run('explain', '--update', 'never', 'CVE-2099-0002', image);
    assert.match(other.stdout, /not affected[\s\S]*outside that range/);
    const unknown = await run('explain', '--update', 'never', 'CVE-1', image);
    assert.match(unknown.stdout, /no loaded feed contains it/);
  });

  it('diff shows what an update of the image does, and of the feeds', async () => {
    const { code, stdout } = await run('diff', '--update', 'never', image, updated);
    assert.equal(code, 0);
    assert.match(stdout, /^- {2}teapot .*CVE-2099-0001/);
    const back = await run('diff', '--update', 'never', '--fail-on', 'fixable', updated, image);
    assert.equal(back.code, 2);
    assert.match(back.stdout, /^\+ {2}teapot/);
    const early = await run('diff', '--update', 'never', '--at', '2000-01-01', image);
    assert.equal(early.code, 1);
    assert.match(early.stderr, /update_retention/);
  });
});
