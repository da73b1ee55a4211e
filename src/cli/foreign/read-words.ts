/** Reads the command lines of other scanners: `argv` in our words. */
import { existsSync } from 'node:fs';
import { AppError } from '../../errors.ts';
import { foreignCommand } from './commands.ts';
import { FOREIGN_FLAGS, TRAPS } from './flags.ts';
import type { ForeignWord } from './word.ts';

/** Commands that Clair's `clairctl` has not: their flags may be those of other scanners. */
export const OURS: ReadonlySet<string> = new Set(['scan', 'convert', 'explain', 'diff', 'db', 'version']);
/** Flags that may stand before a command, and whether the next word is their value. */
const GLOBAL = /^(?:-D|--debug|-q|--quiet|(-c|--config|--issuer)|--(?:config|issuer)=.*)$/s;
const INFORMATION = /^(?:-v|--version|-h|--help)$/;

/**
 * `argv` (without program and script) as our `commands` are written. What Clair's commands take stays as it is. Throws
 * `bad-config` for what other scanners have and this one has not, with our way.
 */
export function readForeignWords(argv: readonly string[], commands: readonly string[]): string[] {
  const at = firstWord(argv);
  const globals = argv.slice(0, at);
  const words = argv.slice(at);
  const command = commandWords(words, commands);
  if (command === undefined) return [...argv];
  return [...globals, ...readCommand(command)];
}

/** Where the command is: behind the flags that may stand before it. */
function firstWord(argv: readonly string[]): number {
  let at = 0;
  for (; at < argv.length; at++) {
    const found = GLOBAL.exec(argv[at]!);
    if (found === null) break;
    if (found[1] !== undefined) at++;
  }
  return Math.min(at, argv.length);
}

/** `words`, the command first; undefined: they are none of ours, and none that we know. */
function commandWords(words: readonly string[], commands: readonly string[]): readonly string[] | undefined {
  const [first] = words;
  const isKnown = (word: string): boolean => commands.includes(word) || foreignCommand(word) !== undefined;
  if (first === undefined || INFORMATION.test(first)) return undefined;
  if (first === 'help') {
    const row = foreignCommand(words[1] ?? '');
    return row && 'gives' in row.does ? ['scan', '--help'] : undefined;
  }
  if (!first.startsWith('-'))
    return isKnown(first) ? words : isTarget(first) ? ['scan', ...words] : undefined;
  // Flags before the command, as in `trivy --cache-dir DIR image NAME`; or no command at all, as in `grype -o json NAME`.
  const command = words.findIndex(isKnown);
  if (command < 0) return words.some((word) => isTarget(word)) ? ['scan', ...words] : undefined;
  const name = words[command]!;
  const isOurs = OURS.has(name) || foreignCommand(name) !== undefined;
  return isOurs ? [name, ...words.slice(0, command), ...words.slice(command + 1)] : undefined;
}

/** A plain word is more likely a mistyped command than an image: only what no command is like is scanned unasked. */
function isTarget(word: string): boolean {
  return !word.startsWith('-') && (/[/:@.]/.test(word) || existsSync(word));
}

function readCommand(words: readonly string[]): string[] {
  const [first = '', second] = words;
  const row = foreignCommand(first, second);
  if (row === undefined) return OURS.has(first) ? readFlags(first, words.slice(1)) : [...words];
  const name = row.words.includes(first) ? first : `${first} ${second}`;
  if ('refused' in row.does) throw refusal(`clairctl ${name}`, row, row.does.refused);
  const given = 'gives' in row.does ? row.does.gives : [];
  const rest = words.slice(name === first ? 1 : 2);
  return readFlags(given[0]!, [...given.slice(1), ...rest]);
}

function readFlags(command: string, words: readonly string[]): string[] {
  const end = words.indexOf('--');
  const flags = end < 0 ? words : words.slice(0, end);
  if (flags.includes('--download-db-only')) return downloadOnly(flags);
  const rows = command === 'db' ? FOREIGN_FLAGS : [...TRAPS, ...FOREIGN_FLAGS];
  const read: string[] = [command];
  for (let at = 0; at < flags.length; at++) {
    const { given, used } = readFlag(flags[at]!, flags[at + 1], rows);
    read.push(...given);
    at += used;
  }
  return [...read, ...(end < 0 ? [] : words.slice(end))];
}

/** `trivy image --download-db-only`: the target, if there is one, is not looked at. */
function downloadOnly(flags: readonly string[]): string[] {
  const rest = flags.filter((flag) => flag.startsWith('-') && flag !== '--download-db-only');
  const others = rest.filter((flag) => !/^(?:-q|--quiet|--no-progress)$/.test(flag));
  if (others.length > 0)
    throw new AppError(
      'bad-config',
      `--download-db-only runs clairctl db update, which does not support ${others.join(' ')}`,
    );
  return ['db', 'update', ...(rest.some((flag) => /^(?:-q|--quiet)$/.test(flag)) ? ['--quiet'] : [])];
}

/** What stands for `word`, and how many of the words behind it were its value. */
function readFlag(
  word: string,
  next: string | undefined,
  rows: readonly ForeignWord[],
): { given: readonly string[]; used: 0 | 1 } {
  const same = { given: [word], used: 0 } as const;
  const { name, inline } = splitFlag(word);
  const about = rows.filter(({ words }) => words.includes(name));
  if (about.length === 0) return same;
  const takesValue = about[0]!.value !== undefined;
  if (!takesValue && inline !== undefined && /^(0|f|false)$/i.test(inline)) return { given: [], used: 0 };
  const value = takesValue ? (inline ?? next) : undefined;
  if (takesValue && value === undefined) return same;
  const row = about.find(({ when }) => when === undefined || when.test(value ?? ''));
  if (row === undefined) return same;
  const used = takesValue && inline === undefined ? 1 : 0;
  const { does } = row;
  if ('refused' in does) throw refusal(name, row, does.refused);
  if ('nothing' in does) return { given: [], used };
  if ('gives' in does) return { given: does.gives, used };
  if (does.ours === '') return { given: [value ?? ''], used };
  return { given: takesValue ? [does.ours, (value ?? '').replace(/^@/, '')] : [does.ours], used };
}

/** `--flag=value`, `-s=value` and `-svalue` carry their value with them. */
function splitFlag(word: string): { name: string; inline?: string } {
  const [, long, value] = /^(--[a-z][a-z-]*)(?:=(.*))?$/s.exec(word) ?? [];
  if (long !== undefined) return { name: long, ...(value !== undefined && { inline: value }) };
  const [, short, attached] = /^(-[a-z])=?(.+)$/is.exec(word) ?? [];
  if (short === undefined || word === '-vv') return { name: word };
  return { name: short, inline: attached! };
}

function refusal(name: string, { of }: ForeignWord, why: string): AppError {
  return new AppError('bad-config', `${name} is an option of ${of}. In clairctl: ${why}`);
}
