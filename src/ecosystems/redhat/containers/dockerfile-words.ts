/** The words of a Dockerfile's instruction: quotes, escapes and variables. docs.docker.com/reference/dockerfile */

export type Variables = ReadonlyMap<string, string>;

/** Longer values are nobody's names; variables that hold themselves twice would grow without end. */
const MAX_VALUE = 4096;
const MAX_DEPTH = 10;

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;

/** The words of `text`, as they stand: quotes and escapes keep what they hold together. */
export function splitWords(text: string, escaper: string): string[] {
  const words: string[] = [];
  let [word, quote] = ['', ''];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]!;
    if (character === escaper && quote !== "'" && at + 1 < text.length) {
      word += character + text[at + 1]!;
      at += 1;
    } else if (quote === '' && /\s/.test(character)) {
      if (word !== '') words.push(word);
      word = '';
    } else {
      if (quote === '' && (character === '"' || character === "'")) quote = character;
      else if (character === quote) quote = '';
      word += character;
    }
  }
  return word === '' ? words : [...words, word];
}

/** What a word means: without its quotes, escapes undone, variables replaced. Cut at a length that no name has. */
export function expandWord(word: string, variables: Variables, escaper: string, depth = 0): string {
  let [value, quote] = ['', ''];
  let unclosed = false;
  for (let at = 0; at < word.length && value.length <= MAX_VALUE; ) {
    const character = word[at]!;
    if (quote === "'" ? character === "'" : quote === '"' && character === '"') {
      quote = '';
      at += 1;
    } else if (quote === '' && (character === '"' || character === "'")) {
      quote = character;
      at += 1;
    } else if (character === escaper && quote !== "'" && at + 1 < word.length) {
      const next = word[at + 1]!;
      // In double quotes it escapes only these, as in a shell.
      value += quote === '' || next === '"' || next === '$' || next === escaper ? next : character + next;
      at += 2;
    } else if (character === '$' && quote !== "'" && !(unclosed && word[at + 1] === '{')) {
      const variable = variableAt(word, at, variables, escaper, depth);
      value += variable.value;
      unclosed ||= variable.unclosed === true;
      at = variable.end;
    } else {
      value += character;
      at += 1;
    }
  }
  return value.slice(0, MAX_VALUE);
}

interface Replaced {
  readonly value: string;
  readonly end: number;
  /** A brace has no end: none of those that follow needs to be looked at. */
  readonly unclosed?: true;
}

/** `$NAME`, `${NAME}`, `${NAME:-word}` or `${NAME:+word}`; a dollar before anything else is itself. */
function variableAt(
  word: string,
  at: number,
  variables: Variables,
  escaper: string,
  depth: number,
): Replaced {
  const braced = word[at + 1] === '{';
  NAME.lastIndex = at + (braced ? 2 : 1);
  const name = NAME.exec(word)?.[0];
  if (name === undefined) return { value: '$', end: at + 1 };
  const after = at + (braced ? 2 : 1) + name.length;
  const value = variables.get(name) ?? '';
  if (!braced) return { value, end: after };
  const close = closingBrace(word, after, escaper);
  if (close < 0) return { value: '$', end: at + 1, unclosed: true };
  const modifier = /^:?([-+])(.*)$/s.exec(word.slice(after, close));
  const end = close + 1;
  if (modifier === null || depth >= MAX_DEPTH) return { value, end };
  const other = expandWord(modifier[2] ?? '', variables, escaper, depth + 1);
  const isSet = value !== '';
  return { value: modifier[1] === '-' ? (isSet ? value : other) : isSet ? other : '', end };
}

function closingBrace(word: string, from: number, escaper: string): number {
  let open = 1;
  for (let at = from; at < word.length; at += 1) {
    if (word[at] === escaper) at += 1;
    else if (word[at] === '{') open += 1;
    else if (word[at] === '}' && (open -= 1) === 0) return at;
  }
  return -1;
}
