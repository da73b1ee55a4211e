/** Erlang terms as text, as far as application resource files have them (file:consult/1). */

/** An atom or a string is its text; a tuple or list its elements; what names nothing (numbers, binaries) is undefined. */
export type Term =
  | { readonly is: 'atom' | 'string'; readonly text: string }
  | { readonly is: 'tuple' | 'list'; readonly of: readonly Term[] }
  | undefined;

const MAX_DEPTH = 64;

const SPACE = /(?:\s+|%[^\n]*)*/y;
const ATOM = /[a-z][\w@]*|'(?:[^'\\]|\\.)*'/sy;
const STRING = /"(?:[^"\\]|\\.)*"/sy;
const BINARY = /<<(?:"(?:[^"\\]|\\.)*"(?:\/utf8)?)?[^">]*>>/sy;
/** Numbers, characters (`$a`), fun references, variables: nothing that an application is called by. */
const OTHER = /#\{|[-+]?\d[\w.#+-]*|\$(?:\\.|.)|[A-Z_][\w@]*/sy;

/** The first term of `text`, which ends with a full stop there. Throws where it is none. */
export function readTerm(text: string): Term {
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const [found] = pattern.exec(text) ?? [];
    if (found !== undefined) at = pattern.lastIndex;
    return found;
  };
  const next = (): string => {
    take(SPACE);
    return text.charAt(at);
  };

  function term(depth: number): Term {
    if (depth > MAX_DEPTH) throw new Error(`terms deeper than ${MAX_DEPTH}`);
    const first = next();
    if (first === '{' || first === '[') {
      at++;
      return { is: first === '{' ? 'tuple' : 'list', of: elements(first === '{' ? '}' : ']', depth) };
    }
    const string = take(STRING);
    if (string !== undefined) return { is: 'string', text: unquoted(string) };
    const atom = take(ATOM);
    if (atom !== undefined) return { is: 'atom', text: atom.startsWith("'") ? unquoted(atom) : atom };
    if (take(BINARY) !== undefined) return undefined;
    const other = take(OTHER);
    if (other === undefined) throw new Error(`no Erlang term at character ${at}`);
    if (other === '#{') elements('}', depth);
    return undefined;
  }

  function elements(end: string, depth: number): Term[] {
    const found: Term[] = [];
    for (;;) {
      if (next() === end) {
        at++;
        return found;
      }
      if (found.length > 0) {
        if (take(/,|\||=>|:=/y) === undefined)
          throw new Error(`neither a comma nor ${end} at character ${at}`);
      }
      found.push(term(depth + 1));
    }
  }

  const read = term(0);
  if (next() !== '.') throw new Error(`no full stop at character ${at}`);
  return read;
}

function unquoted(text: string): string {
  return text.slice(1, -1).replaceAll(/\\(.)/gs, '$1');
}
