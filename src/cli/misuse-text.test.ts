import assert from 'node:assert/strict';
import { it } from 'node:test';
import { misuseText } from './misuse-text.ts';

for (const [from, to] of [
  [
    "error: unknown command 'scna'\n(Did you mean scan?)\n",
    'clairctl: unknown command "scna". Did you mean scan?\n',
  ],
  ["error: unknown option '--exit'\n", 'clairctl: unknown option --exit.\n'],
  [
    "error: option '--severity <list>' argument 'hgih' is invalid. expected high.\n",
    'clairctl: invalid --severity "hgih": expected high.\n',
  ],
  [
    "error: option '-f, --format <format>' argument 'a' is invalid. Allowed choices are text, json.\n",
    'clairctl: invalid --format "a": Allowed choices are text, json.\n',
  ],
  [
    "error: option '--top <n>' value 'x' from env 'CLAIR_TOP' is invalid. expected a number.\n",
    'clairctl: invalid CLAIR_TOP "x": expected a number.\n',
  ],
  ["error: option '--top <n>' argument missing\n", 'clairctl: --top requires a value.\n'],
  ["error: missing required argument 'cve'\n", 'clairctl: argument cve is missing.\n'],
  [
    'error: too many arguments. Expected 1 argument but got 2.\n',
    'clairctl: too many arguments. Expected 1 argument but got 2.\n',
  ],
  ['something else\n', 'something else\n'],
] as const) {
  it(from.split('\n')[0]!, () => assert.equal(misuseText(from), to));
}
