/** The instructions of a Dockerfile: comments, continued lines and here-documents. docs.docker.com/reference/dockerfile */

export interface Instruction {
  /** In upper case. */
  readonly keyword: string;
  readonly text: string;
}

export interface Dockerfile {
  /** The character that continues a line and escapes another. */
  readonly escaper: string;
  readonly instructions: Iterable<Instruction>;
}

/** Reads `content`; anything is a Dockerfile, of which what makes no sense is skipped. */
export function readDockerfile(content: string): Dockerfile {
  const lines = content.replace(/^\uFEFF/, '').split(/\r?\n/);
  const escaper = escapeOf(lines);
  return { escaper, instructions: instructionsIn(lines, escaper) };
}

/** Parser directives stand before everything else, comments included. */
function escapeOf(lines: readonly string[]): string {
  for (const line of lines) {
    const [, name, value] = /^\s*#\s*([A-Za-z]+)\s*=\s*(\S+)\s*$/.exec(line) ?? [];
    if (name === undefined) break;
    if (name.toLowerCase() === 'escape' && (value === '`' || value === '\\')) return value;
  }
  return '\\';
}

function* instructionsIn(lines: readonly string[], escaper: string): Generator<Instruction> {
  const plain = findLineIn(lines);
  const withoutTabs = findLineIn(lines.map((line) => line.replace(/^\t+/, '')));
  for (let at = 0; at < lines.length; ) {
    const pieces: string[] = [];
    for (let continued = true; continued && at < lines.length; at += 1) {
      const line = lines[at]!;
      // Comments, and blank lines in what is continued, are left out.
      if (/^\s*(?:#|$)/.test(line)) continue;
      const trimmed = line.trimEnd();
      continued = trimmed.endsWith(escaper);
      pieces.push(continued ? trimmed.slice(0, -1) : line);
    }
    const [, keyword, text = ''] = /^\s*([A-Za-z]+)(?:\s+(.*))?$/s.exec(pieces.join('')) ?? [];
    if (keyword === undefined) continue;
    const instruction = { keyword: keyword.toUpperCase(), text };
    if (HERE.has(instruction.keyword)) at = afterHereDocuments(text, at, plain, withoutTabs);
    yield instruction;
  }
}

const HERE: ReadonlySet<string> = new Set(['RUN', 'COPY', 'ADD']);

/** Finds the first line of a text at or after another, without looking at all in between. */
type FindLine = (text: string, from: number) => number | undefined;

function findLineIn(lines: readonly string[]): FindLine {
  let places: Map<string, number[]> | undefined;
  return (text, from) => {
    places ??= Map.groupBy(lines.keys(), (index) => lines[index]!);
    const of = places.get(text) ?? [];
    let [low, high] = [0, of.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (of[middle]! < from) low = middle + 1;
      else high = middle;
    }
    return of[low];
  };
}

/** The line after the here-documents that begin in `text`, each of which ends with a line of its word. */
function afterHereDocuments(text: string, from: number, plain: FindLine, withoutTabs: FindLine): number {
  let at = from;
  for (const [, dash, , word = ''] of text.matchAll(/(?<!<)<<(-?)(["']?)([A-Za-z_]\w*)\2/g)) {
    const end = (dash ? withoutTabs : plain)(word, at);
    // One without an end is no here-document: rather too many instructions than none.
    if (end !== undefined) at = end + 1;
  }
  return at;
}
