/** What `clairctl` prints for a wrong command line, in place of the texts of commander. */

const REWRITES: readonly (readonly [RegExp, string])[] = [
  [/^error: option '(?:-\w, )?(--[\w-]+)[^']*' argument '(.*?)' is invalid\. /s, 'invalid $1 "$2": '],
  [/^error: option '[^']*' value '(.*?)' from env '(\w+)' is invalid\. /s, 'invalid $2 "$1": '],
  [/^error: command-argument value '(.*?)' is invalid for argument '([^']*)'\. /s, 'invalid $2 "$1": '],
  [/^error: unknown option '(.*?)'/s, 'unknown option $1'],
  [/^error: unknown command '(.*?)'/s, 'unknown command "$1"'],
  [/^error: option '(?:-\w, )?(--[\w-]+)[^']*' argument missing/, '$1 requires a value'],
  [/^error: missing required argument '(.*?)'/, 'argument $1 is missing'],
  [/^error: /, ''],
];

/** Returns the message of commander as one line that names the flag, its value and the expectation; ends in a line break. */
export function misuseText(text: string): string {
  const rewrite = REWRITES.find(([pattern]) => pattern.test(text));
  if (rewrite === undefined) return text;
  const [message = '', ...hints] = text
    .trimEnd()
    .replace(...rewrite)
    .split('\n(Did you mean ');
  const end = /[.?!]$/.test(message) ? '' : '.';
  return `clairctl: ${message}${end}${hints.map((hint) => ` Did you mean ${hint.slice(0, -1)}`).join('')}\n`;
}
