/** Reads `WWW-Authenticate` (RFC 9110 §11.6.1). */

export interface Challenge {
  /** Lower case. */
  readonly scheme: string;
  /** By lower-case name. */
  readonly parameters: ReadonlyMap<string, string>;
}

const LENGTH_LIMIT = 16 * 1024;
/** A scheme, or a parameter with token or quoted value; separated by spaces and commas. */
const PART = /[\s,]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))?/y;

/** The challenges of a header, those after something malformed left out. */
export function parseChallenges(header: string): Challenge[] {
  const text = header.slice(0, LENGTH_LIMIT);
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  PART.lastIndex = 0;
  for (let match = PART.exec(text); match; match = PART.exec(text)) {
    const [, name = '', quoted, bare] = match;
    if (quoted === undefined && bare === undefined) {
      challenges.push({ scheme: name.toLowerCase(), parameters: new Map() });
    } else {
      challenges.at(-1)?.parameters.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? bare ?? '');
    }
  }
  return challenges;
}
