import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { Command } from 'commander';
import { COMMANDS } from './commands.ts';
import { ENVIRONMENT_RULE, variableOf } from './flags/flag-environment.ts';
import { commandIn, createProgram, loadProgram } from './program.ts';

const OURS = ['report', 'manifest', 'delete', 'check-config', 'admin'];

const folder = mkdtempSync(join(tmpdir(), 'clair-program-'));
const home = process.cwd();
after(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true });
});

/** The options with which `argv` would run its command. */
async function optionsOf(
  argv: readonly string[],
  env: Record<string, string> = {},
): Promise<Record<string, unknown>> {
  const before = { ...process.env };
  Object.assign(process.env, env);
  try {
    const program = await createProgram(argv);
    let options: Record<string, unknown> = {};
    const stub = (command: Command): void => {
      command.action(() => {
        options = command.opts();
      });
      command.commands.forEach(stub);
    };
    program.commands.forEach(stub);
    await program.parseAsync(argv, { from: 'user' });
    return options;
  } finally {
    process.env = before;
  }
}

describe('clairctl', () => {
  it("says of each of Clair's commands what the command says of itself", async () => {
    const program = await loadProgram();
    for (const { name, summary } of COMMANDS.filter(({ name }) => OURS.includes(name))) {
      assert.equal(program.commands.find((each) => each.name() === name)?.description(), summary, name);
    }
  });

  it('loads the command that is named', () => {
    const cases: readonly (readonly [argv: string, want: string | undefined])[] = [
      ['report x', 'report'],
      ['-D -c scan report x', 'report'],
      ['--issuer scan --config=db -q delete', 'delete'],
      ['help manifest', 'manifest'],
      ['help', undefined],
      ['--help', undefined],
      ['-c', undefined],
    ];
    for (const [argv, want] of cases) assert.equal(commandIn(argv.split(' ')), want, argv);
  });

  it('has a variable for every flag, helps that fit a screen, and examples in those of Clair', async () => {
    const program = await loadProgram();
    for (const command of withCommands(program)) {
      const name = command.name();
      let help = '';
      command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
      if (command.parent === program && OURS.includes(name))
        assert.match(help, /^Examples?:\n {2}clairctl /m, name);
      const lines = help.trimEnd().split('\n');
      assert.ok(lines.length <= (name === 'scan' ? 104 : 60), `${name}: ${lines.length} lines`);
      assert.deepEqual(
        lines.filter(({ length }) => length > 100),
        [],
        name,
      );
      const silent = command.options.filter(({ envVar, long }) => !envVar && long !== '--version');
      assert.deepEqual(
        silent.map(({ flags }) => flags),
        [],
        name,
      );
      // The rule is said once, and a name only where it is another one.
      assert.equal(help.includes(ENVIRONMENT_RULE), command.options.length > 0, name);
      for (const option of command.options)
        assert.ok(!help.includes(`env ${variableOf(option)})`), `${name} ${option.long}`);
    }
  });

  it('shares a variable between commands only where what it says is the same', async () => {
    const meanings = new Map<string, Set<string>>();
    for (const { envVar, flags, argChoices = [] } of withCommands(await loadProgram()).flatMap(
      ({ options }) => options,
    )) {
      const value = `${/ (.*)$/.exec(flags.replace(/^-., /, ''))?.[1] ?? 'switch'} ${argChoices.join()}`;
      if (envVar !== undefined) meanings.set(envVar, (meanings.get(envVar) ?? new Set()).add(value));
    }
    for (const [variable, values] of meanings) assert.equal(values.size, 1, `${variable}: ${[...values]}`);
  });

  it('groups the flags of scan, and ends with examples', async () => {
    const scan = (await loadProgram()).commands.find((each) => each.name() === 'scan')!;
    let help = '';
    scan.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
    assert.deepEqual(
      [...help.matchAll(/^([A-Z][^:\n]*):$/gm)].map(([, heading]) => heading),
      [
        ...['Target', 'Gate, filters and exceptions', 'Output', 'Feeds and database', 'Registry', 'Also'],
        ...['Targets (env CLAIR_TARGET)', 'Examples'],
      ],
    );
    assert.match(help, /\nExamples:\n(?: {2}clairctl scan .*\n){3}$/);
  });

  it('takes global options before the command, and those of the command before them', async () => {
    const given = await optionsOf(['-c', 'a.yaml', '-D', '-q', '--issuer', 'me', 'report', 'x']);
    assert.deepEqual([given.config, given.debug, given.quiet, given.issuer], ['a.yaml', true, true, 'me']);
    assert.equal((await optionsOf(['-c', 'a.yaml', 'report', '-c', 'b.yaml', 'x'])).config, 'b.yaml');
    assert.equal(
      (await optionsOf(['-c', 'a.yaml', 'admin', 'migrate'], { CLAIR_CONF: 'e' })).config,
      'a.yaml',
    );
    assert.equal((await optionsOf(['-c', 'a.yaml', 'export-updaters'])).config, 'a.yaml');
    assert.equal((await optionsOf(['-q', 'db', 'update'])).quiet, true);
    assert.equal((await optionsOf(['report', 'x'], { CLAIR_CONF: 'e.yaml' })).config, 'e.yaml');
  });

  it("takes config.yaml of where it stands for Clair's commands only", async () => {
    process.chdir(folder);
    assert.equal((await optionsOf(['report', 'x'])).config, undefined);
    writeFileSync('config.yaml', '');
    assert.equal((await optionsOf(['report', 'x'])).config, 'config.yaml');
    assert.equal((await optionsOf(['admin', 'pending'])).config, 'config.yaml');
    assert.equal((await optionsOf(['scan', 'x'])).config, undefined);
    process.chdir(home);
  });

  it('reads its flags from the environment', async () => {
    const set = await optionsOf(['report', 'x'], {
      CLAIR_API: 'https://clair/x/',
      CLAIR_REPORT_OUT: 'xml',
      CLAIR_KEEP_GOING: '1',
      CLAIR_NOVEL: 'true',
      CLAIR_LOCAL: 'yes',
      CLAIR_PLATFORM: 'linux/arm64',
      CLAIR_TIMEOUT: '1m30s',
      CLAIR_ISSUER: 'ci',
      CLAIR_QUIET: '1',
      CLAIR_INSECURE: '1',
      CLAIR_PLAIN_HTTP: '1',
    });
    assert.deepEqual(
      [
        set.host,
        set.out,
        set.keepGoing,
        set.novel,
        set.local,
        set.platform,
        set.timeout,
        set.issuer,
        set.quiet,
      ],
      ['https://clair/x/', 'xml', true, true, true, 'linux/arm64', 90_000, 'ci', true],
    );
    assert.deepEqual([set.insecure, set.plainHttp], [true, true]);
    const off = await optionsOf(['report', 'x'], {
      CLAIR_API: '',
      CLAIR_KEEP_GOING: '0',
      CLAIR_NOVEL: 'false',
      CLAIR_LOCAL: 'no',
      CLAIR_NO_LOCAL: '0',
    });
    assert.deepEqual(
      [off.host, off.keepGoing, off.novel, off.local],
      ['http://localhost:6060/', false, false, undefined],
    );
    assert.equal((await optionsOf(['report', 'x'], { CLAIR_NO_LOCAL: '1' })).local, false);
    const check = await optionsOf(['check-config', 'x'], {
      CLAIR_CHECK_CONFIG_OUT: 'yaml',
      CLAIR_MODE: 'matcher',
      CLAIR_SHOW_SECRETS: '1',
    });
    assert.deepEqual([check.out, check.mode, check.showSecrets], ['yaml', 'matcher', true]);
    const admin = await optionsOf(['admin', 'migrate'], {
      CLAIR_ADMIN_INDEXER: '1',
      CLAIR_ADMIN_MATCHER: '0',
      CLAIR_ADMIN_NOTIFIER: 'true',
    });
    assert.deepEqual([admin.indexer, admin.matcher, admin.notifier], [true, undefined, true]);
  });

  it('refuses values that will not do', async () => {
    for (const argv of [
      ['report', '-o', 'yaml', 'x'],
      ['report', '--host', 'clair:6060', 'x'],
      ['report', '--host', 'http://me:secret@clair', 'x'],
      ['report', '--timeout', 'soon', 'x'],
      ['check-config', '--mode', 'all', 'x'],
      ['admin', 'oneoff', 'everything'],
      ['report'],
    ]) {
      const program = await createProgram(argv);
      for (const each of program.commands.flatMap((command) => [command, ...command.commands]))
        each.configureOutput({ writeErr() {} });
      await assert.rejects(
        program.parseAsync(argv, { from: 'user' }),
        { name: 'CommanderError' },
        argv.join(' '),
      );
    }
  });
});

function withCommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withCommands)];
}
