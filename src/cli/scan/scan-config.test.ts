import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { AppError } from '../../errors.ts';
import { completionScript, SHELLS } from '../completion.ts';
import { variableOf } from '../flags/flag-environment.ts';
import { scanCommand } from './scan-command.ts';
import { applyScanConfig } from './scan-config.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-scan-config-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** The flags of `scan` after the command line, the environment and this file. */
async function flags(text: string, args: string[] = []) {
  const file = join(folder, 'scan.yaml');
  writeFileSync(file, text);
  const command = scanCommand();
  command.configureOutput({ writeErr: () => {} });
  command.action(() => {});
  await command.parseAsync([...args, 'target'], { from: 'user' });
  await applyScanConfig(command, file);
  return command.opts();
}

/** The same of `.clair.yaml` in the working directory. */
async function unasked(text: string) {
  const before = process.cwd();
  writeFileSync(join(folder, '.clair.yaml'), text);
  process.chdir(folder);
  try {
    const command = scanCommand();
    assert.equal(await applyScanConfig(command, undefined), '.clair.yaml');
    return command.opts();
  } finally {
    process.chdir(before);
    rmSync(join(folder, '.clair.yaml'));
  }
}

describe('configuration of scans', () => {
  it('sets flags of every kind', async () => {
    const got = await flags(`fail-on: [critical, kev]
only-fixed: true
ignore-file: [a.yaml, b.yaml]
vex: c.json
sort: epss
format: sarif=x.sarif,table
platform: linux/arm64
`);
    assert.equal(got.failOn.any.length, 2);
    assert.deepEqual(
      [got.onlyFixed, got.ignoreFile, got.vex, got.sort, got.platform],
      [true, ['a.yaml', 'b.yaml'], ['c.json'], 'epss', 'linux/arm64'],
    );
    assert.deepEqual(got.format, [{ format: 'sarif', file: 'x.sarif' }, { format: 'table' }]);
  });
  it('gives way to the command line', async () => {
    const got = await flags('sort: epss\nformat: json', ['--sort', 'kev', '--format', 'html']);
    assert.deepEqual([got.sort, got.format], ['kev', [{ format: 'html' }]]);
  });
  it('gives way to the environment, which sets every flag', async () => {
    process.env.CLAIR_SORT = 'package';
    process.env.CLAIR_VEX = 'a.json,b.json';
    try {
      const got = await flags('sort: epss');
      assert.deepEqual([got.sort, got.vex], ['package', ['a.json', 'b.json']]);
    } finally {
      delete process.env.CLAIR_SORT;
      delete process.env.CLAIR_VEX;
    }
    for (const option of scanCommand().options) {
      assert.match(option.envVar ?? '', /^CLAIR_[A-Z_]+$/, option.long);
      assert.match(variableOf(option), /^CLAIR_/);
    }
  });
  it('may be empty', async () => assert.equal((await flags('')).sort, 'risk'));

  for (const [text, message] of [
    ['sort: colour', /scan\.yaml:1: sort: .*severity/],
    ['fail-on: mild', /scan\.yaml:1: fail-on: expected unknown/],
    ['only-fixed: 1', /only-fixed: 1 is not valid: expected true or false/],
    ['\nsorted: x', /scan\.yaml:2: sorted: unknown setting/],
    ['scan-config: x', /unknown setting/],
    ['sort: [a, b]', /sort/],
    ['platform: {a: 1}', /platform: .* expected a string/],
    ['- a', /expected flags without dashes/],
    ['a: [', /malformed/],
  ] as const) {
    it(`${JSON.stringify(text)} is refused`, () =>
      assert.rejects(flags(text), (error: unknown) => {
        assert.ok(error instanceof AppError && error.code === 'bad-config', String(error));
        assert.match(error.message, message);
        return true;
      }));
  }
  it('that nobody named may only say what counts and how it looks', async () => {
    assert.equal((await unasked('only-fixed: true\nformat: json')).onlyFixed, true);
    for (const text of ['output: x', 'db: x', 'insecure: true', 'config: x', 'format: json=x'])
      await assert.rejects(unasked(text), /\.clair\.yaml:1: .*--scan-config/, text);
  });
  it('that is named has to be there', () =>
    assert.rejects(applyScanConfig(scanCommand(), join(folder, 'nowhere')), /nowhere/));
});

describe('flags of scan', () => {
  it('are refused with the reason', async () => {
    for (const args of [
      ['--fail-on', 'mild'],
      ['--severity', 'x'],
      ['--sort', 'x'],
      ['--update', 'x'],
    ])
      await assert.rejects(flags('', args), /expected|Allowed/, args.join(' '));
  });
  it('add up, or are off', async () => {
    const got = await flags('', [
      '--vex',
      'a',
      '--vex',
      'b,c',
      '--no-ignore-file',
      '--fail-on',
      'kev',
      '--fail-on',
      'high',
    ]);
    assert.deepEqual([got.vex, got.ignoreFile, got.failOn.any.length], [['a', 'b', 'c'], false, 2]);
  });
});

describe('completion', () => {
  for (const shell of SHELLS) {
    it(`of ${shell} has every flag and choice`, () => {
      const text = completionScript(scanCommand().name('clairctl'), shell);
      for (const { long, argChoices } of scanCommand().options) {
        assert.ok(text.includes(shell === 'fish' ? `-l ${long!.slice(2)}` : long!), long);
        if (argChoices) assert.ok(text.includes(argChoices.join(' ')), long);
      }
    });
  }
});
