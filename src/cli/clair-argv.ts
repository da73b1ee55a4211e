/** The spellings that Clair's `clairctl` takes beside ours: Go's flags, its short and its other names. */

/** Long names that Go's flag parser also takes after one dash. */
const LONG = /^-(host|out|keep-going|novel|config|issuer|iss|gzip|zstd|strict|help|version)(?:=(.*))?$/s;
/** Short names that it also takes after two. */
const SHORT = /^--([Dqcohkgzv])(?:=(.*))?$/s;
/** `-o=json`: for us that would be the value `=json`. */
const SHORT_VALUE = /^(-[Dqcohkgzv])=(.*)$/s;
/** Flags without a value, that Go lets be set to one. */
const SWITCHES = new Set([
  'D',
  'debug',
  'q',
  'quiet',
  'k',
  'keep-going',
  'novel',
  'g',
  'gzip',
  'z',
  'zstd',
  'strict',
]);
/** Other names of flags. */
const ALIASES: Readonly<Record<string, string>> = { iss: 'issuer', server: 'host' };
/** Commands whose flags are ours alone: they are left as they are. */
const OURS = new Set(['scan', 'explain', 'diff', 'db', 'version', 'words', 'completion']);

/** `argv` (without program and script) in our spelling. Nothing after `--` is touched, nor what belongs to our own commands. */
export function readClairArguments(argv: readonly string[]): string[] {
  const end = argv.findIndex((word) => word === '--' || OURS.has(word));
  const flags = end < 0 ? argv : argv.slice(0, end);
  return [...flags.flatMap(readWord), ...(end < 0 ? [] : argv.slice(end))];
}

function readWord(word: string): string[] {
  const long = LONG.exec(word) ?? /^--([a-z][a-z-]+)(?:=(.*))?$/s.exec(word);
  if (long !== null) return spell('--', ALIASES[long[1]!] ?? long[1]!, long[2]);
  const short = SHORT.exec(word);
  if (short !== null) return spell('-', short[1]!, short[2]);
  const valued = SHORT_VALUE.exec(word);
  return valued === null ? [word] : spell('-', valued[1]!.slice(1), valued[2]);
}

function spell(dashes: '-' | '--', name: string, value: string | undefined): string[] {
  const flag = dashes + name;
  if (value === undefined) return [flag];
  if (SWITCHES.has(name)) return isTrue(value) ? [flag] : isFalse(value) ? [] : [`${flag}=${value}`];
  return dashes === '--' ? [`${flag}=${value}`] : [flag, value];
}

/** strconv.ParseBool(3). */
function isTrue(text: string): boolean {
  return /^(1|t|true)$/i.test(text);
}

function isFalse(text: string): boolean {
  return /^(0|f|false)$/i.test(text);
}
