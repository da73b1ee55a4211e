/** Asks real shells what they complete. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { completionScript, SHELLS, type Shell } from './completion.ts';
import { loadProgram } from './program.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-completion-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const program = await loadProgram();
const scripts: Readonly<Record<Shell, string>> = {
  bash: join(folder, 'clairctl.bash'),
  zsh: join(folder, '_clairctl'), // compinit looks for this name in $fpath
  fish: join(folder, 'clairctl.fish'),
};
for (const shell of SHELLS) writeFileSync(scripts[shell], completionScript(program, shell));

/** As at an interactive prompt: readline gives words that are split at `=`, too. */
const BASH = `
source "$1"
function=$(complete -p clairctl | sed 's/.*-F \\([^ ]*\\).*/\\1/')
for line in "\${@:2}"; do
  read -ra COMP_WORDS <<< "\${line//=/ = }"
  case $line in *' '|*=) COMP_WORDS+=('') ;; esac
  COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
  $function
  printf '%s\\n' "\${COMPREPLY[@]}" end-of-line
done`;

const FISH = `
source $argv[1]
for line in $argv[2..-1]
  complete -C $line
  echo end-of-line
end`;

/** A zsh of its own on a pseudo terminal, in which compadd tells what it is given; ^X comes after the tab, ^U clears the line. */
const ZSH = `
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z "PROMPT= ; stty -echo; fpath=(\${1:h} \\$fpath); autoload -Uz compinit; compinit -u -D; \\
compadd() { local -a hits; builtin compadd -A hits \\"\\$@\\"; print -rl -- '' hit:\\$^hits; builtin compadd \\"\\$@\\" }; \\
LISTMAX=10000; told() { print -r -- done: }; zle -N told; bindkey '^X' told; print ready:"
zpty -r -m z REPLY '*ready:*'
for line in "\${@:2}"; do
  zpty -n -w z "$line"$'\\t\\x18'
  zpty -r -m z REPLY '*done:*'
  print -rl -- $REPLY '' hit:end-of-line
  zpty -n -w z $'\\x15'
done
zpty -d z`;

const ASK: Readonly<Record<Shell, readonly string[]>> = {
  bash: ['--norc', '--noprofile', '-c', BASH, 'bash'],
  zsh: ['-f', '-c', ZSH, 'zsh'],
  fish: ['--no-config', '-c', FISH],
};

/** For each of `lines` what the shell would offer at its end. */
function completions(shell: Shell, lines: readonly string[]): string[][] {
  const { stdout, stderr, status } = spawnSync(shell, [...ASK[shell], scripts[shell], ...lines], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, HOME: folder, TERM: 'dumb' },
    timeout: 20_000,
  });
  assert.equal(status, 0, stderr);
  const offers: string[][] = [[]];
  for (const line of stdout.replaceAll('\r', '').split('\n')) {
    // zsh tells its offers between what it draws.
    const offer = shell === 'zsh' ? /hit:(.*)$/.exec(line)?.[1] : line.split('\t')[0];
    if (offer === 'end-of-line') offers.push([]);
    // fish repeats the flag, zsh may add its "=".
    else if (offer)
      offers.at(-1)!.push(offer.replace(/^(--[\w-]+)=/, (_, flag) => (offer.endsWith('=') ? flag : '')));
  }
  return offers.map((offer) => [...new Set(offer)].sort());
}

const FORMATS = program.commands
  .find((each) => each.name() === 'scan')!
  .options.find(({ long }) => long === '--format')!
  .argChoices!.toSorted();

const CASES: readonly (readonly [line: string, want: readonly string[]])[] = [
  ['clairctl ', program.commands.map((each) => each.name()).sort()],
  ['clairctl sc', ['scan']],
  ['clairctl scan --fo', ['--format']],
  ['clairctl scan --format ', FORMATS],
  ['clairctl scan --format sa', ['sarif']],
  ['clairctl scan --format=sa', ['sarif']],
  ['clairctl scan -q --update ', ['always', 'auto', 'never', 'upstream']],
  ['clairctl -D scan --quiet --upd', ['--update']],
  ['clairctl db up', ['update']],
  ['clairctl completion --he', ['--help']],
];

for (const shell of SHELLS) {
  const skip = spawnSync(shell, ['--version']).error === undefined ? false : `${shell} is not installed`;
  it(`completion in ${shell}`, { skip }, () => {
    const offers = completions(
      shell,
      CASES.map(([line]) => line),
    );
    for (const [index, [line, want]] of CASES.entries()) {
      // bash has options beside the commands.
      const offered = line.endsWith('l ')
        ? offers[index]!.filter((each) => !each.startsWith('-'))
        : offers[index];
      assert.deepEqual(offered, want, line);
    }
  });
}
