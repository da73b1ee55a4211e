/** Suggestions for mistyped flags: a flag that says the opposite is none. */

/** Commander's text of an error, without a suggestion that is the opposite of what was typed. */
export function withoutOpposite(text: string): string {
  const [, typed = ''] = /'(--[^']+)'/.exec(text) ?? [];
  const [suggestion = '', , said = ''] = /\n?\(Did you mean (one of )?(.+?)\?\)/.exec(text) ?? [];
  if (suggestion === '' || typed === '') return text;
  return said.split(', ').some((flag) => areOpposite(typed, flag)) ? text.replace(suggestion, '') : text;
}

const NEGATIONS =
  /^(?:no|not|non|without|skip|hide|ignore|exclude|disable)$|^(?:not|un|dis)(?=fix|kept|safe|able|sec)/;
const SIDES: readonly (readonly [RegExp, RegExp])[] = [
  [/^in(?!secure|terval)/, /^out/],
  [/^include/, /^exclude/],
  [/^import/, /^export/],
];

/** Whether one of two flags denies the other: `--only-notfixed` and `--only-fixed`, `--input` and `--output`. */
export function areOpposite(a: string, b: string): boolean {
  const [left, right] = [a, b].map((flag) => flag.replace(/^--/, '').toLowerCase().split('-'));
  const isOdd = (words: readonly string[]): boolean =>
    words.filter((word) => NEGATIONS.test(word)).length % 2 === 1;
  if (isOdd(left!) !== isOdd(right!)) return true;
  const has = (words: readonly string[], side: RegExp): boolean => words.some((word) => side.test(word));
  return SIDES.some(
    ([one, other]) => (has(left!, one) && has(right!, other)) || (has(left!, other) && has(right!, one)),
  );
}
