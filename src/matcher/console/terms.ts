/** Words that things are found by: lexemes of PostgreSQL's full text search, of which beginnings are looked for. */

/** What a text is taken apart at. */
const BREAKS = /[^\p{L}\p{N}]+/u;
const MAX_TERMS = 100;
/** PostgreSQL refuses lexemes over 2 KiB. */
const MAX_LENGTH = 100;

/** The words of `texts`, each once. */
export function termsOf(texts: Iterable<string>): string[] {
  const terms = new Set<string>();
  for (const text of texts) {
    for (const term of text.toLowerCase().split(BREAKS)) {
      if (terms.size === MAX_TERMS) return [...terms];
      if (term !== '') terms.add(term.slice(0, MAX_LENGTH));
    }
  }
  return [...terms];
}

/** A `tsquery` for all words of `text`, the beginnings of which are enough; undefined: it has none. */
export function queryOf(text: string): string | undefined {
  const terms = termsOf([text]);
  if (terms.length === 0) return undefined;
  return terms.map((term) => `'${term}':*`).join(' & ');
}
