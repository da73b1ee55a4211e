/** Reads os-release(5): what a distribution says that it is. */

/** Real files have 1 KiB; nothing beyond this is looked at. */
export const MAX_LENGTH = 64 * 1024;

// os-release(5): names are those of environment variables.
const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s;

// One quoted or bare piece of a shell word; pieces may follow each other without a gap ('it'\''s').
const SINGLE = /'([^']*)'/y;
const DOUBLE = /"((?:[^"\\]|\\.)*)"/sy;
const BARE = /((?:(?!\s#)[^'"\\]|\\.)+)/sy;
const COMMENT = /\s+#/y;

/**
 * The assignments of an os-release file (etc/lsb-release has the same syntax); the last one of a name counts.
 * A line that is no assignment, or whose quotes do not end, is skipped: the others still tell what this is.
 */
export function parseOsRelease(text: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const line of text
    .slice(0, MAX_LENGTH)
    .replace(/^\uFEFF/, '')
    .split(/\r?\n|\r/)) {
    const [, name, word] = ASSIGNMENT.exec(line.trim()) ?? []; // a comment has no name
    if (name === undefined || word === undefined) continue;
    const value = unquote(word);
    if (value !== undefined) values.set(name, value);
  }
  return values;
}

/** What a shell makes of a word, without expansions; undefined if a quote does not end. */
function unquote(word: string): string | undefined {
  let value = '';
  let at = 0;
  while (at < word.length) {
    COMMENT.lastIndex = at;
    if (COMMENT.test(word)) return value.trimEnd();
    // Other blanks outside of quotes would end a shell's word; NAME=Alpine Linux is taken as it is meant.
    const piece = pieceAt(word, at);
    if (piece === undefined) return undefined;
    value += piece.text;
    at = piece.end;
  }
  return value;
}

function pieceAt(word: string, at: number): { text: string; end: number } | undefined {
  switch (word[at]) {
    case "'":
      return match(SINGLE, word, at, (text) => text);
    case '"':
      // sh(1): in double quotes a backslash only escapes these; before others it stays.
      return match(DOUBLE, word, at, (text) => text.replace(/\\([$`"\\])/g, '$1'));
    default:
      return match(BARE, word, at, (text) => text.replace(/\\(.)/gs, '$1'));
  }
}

function match(pattern: RegExp, word: string, at: number, resolve: (text: string) => string) {
  pattern.lastIndex = at;
  const text = pattern.exec(word)?.[1];
  return text === undefined ? undefined : { text: resolve(text), end: pattern.lastIndex };
}
