/** Reads chunks back into lines of COPY for the temporary tables of an import, and says whom they speak of. */
import { hash } from 'node:crypto';
import { type EncodedText, hashOfText, stagedLine } from '../importing/advisory-row.ts';
import { damaged, type IndexedFeed } from './format.ts';

export interface ChunkRows {
  /** Of the groups that are not here. */
  readonly lines: string;
  /** Of vulnerabilities, or tags; those that are here too. */
  readonly names: readonly string[];
  /** What each of them says, in the same order: `SUM_BYTES` of a digest of its lines, one after the other. */
  readonly sums: Buffer;
}

/** Told of each group of a chunk, in hexadecimal: whether its rows are here, so that its lines are left out. */
export type IsHere = (name: string, sum: string) => boolean;

/** Enough to tell what one vulnerability says today from what it said before. */
export const SUM_BYTES = 8;

/** All lines about one vulnerability or tag, and where they begin and end. */
interface Group {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

type Text = readonly [string, number, readonly string[], readonly string[], string, string?];

/** What makes lines of the content of chunks of a feed; texts that are in several are sent once. `where` is for messages. */
export function chunkReader(
  form: IndexedFeed['rows'],
  where: string,
  isHere: IsHere = () => false,
): (content: Buffer) => ChunkRows {
  if (form === 'blocks')
    return (content) => ({ lines: content.toString(), names: [], sums: Buffer.alloc(0) });
  if (form === 'advisories')
    return (content) =>
      readGroups(content, advisoryGroups(content, where), isHere, (own) => readAdvisories(own, where));
  let number = 0;
  return (content) =>
    readGroups(content, recordGroups(content, where), isHere, (own) => `${number++}\t${own}`);
}

/** `read` makes lines of COPY of the content of a group. */
function readGroups(
  content: Buffer,
  groups: Iterable<Group>,
  isHere: IsHere,
  read: (own: string) => string,
): ChunkRows {
  const names: string[] = [];
  let sums = '';
  let lines = '';
  for (const { name, from, to } of groups) {
    const own = content.subarray(from, to);
    const sum = hash('sha256', own, 'hex').slice(0, 2 * SUM_BYTES);
    names.push(name);
    sums += sum;
    if (!isHere(name, sum)) lines += read(own.toString());
  }
  return { lines, names, sums: Buffer.from(sums, 'hex') };
}

const [TEXT, TAB, LINE_FEED, QUOTE, BACKSLASH] = Buffer.from('T\t\n"\\');

/** Throws `feed` for rows before the first text, and for texts without a name. */
function* advisoryGroups(content: Buffer, where: string): Generator<Group> {
  let name: string | undefined;
  let from = 0;
  for (const [at] of linesOf(content, where)) {
    if (content[at] === TEXT) {
      const next = nameOf(content, at, where);
      if (next === name) continue;
      if (name !== undefined) yield { name, from, to: at };
      name = next;
      from = at;
    } else if (name === undefined) throw damaged(where, NO_ROW);
  }
  if (name !== undefined) yield { name, from, to: content.length };
}

/** Throws `feed` for lines of one column. */
function* recordGroups(content: Buffer, where: string): Generator<Group> {
  for (const [from, to] of linesOf(content, where)) {
    const tab = content.indexOf(TAB!, from);
    if (tab < 0 || tab >= to) throw damaged(where, NO_ROW);
    // From the bytes: a part of a string would keep all of it in memory.
    yield { name: content.toString('utf8', from, tab), from, to };
  }
}

/** Where each line begins, and where the next one does. Throws `feed` if the last one has no end. */
function* linesOf(content: Buffer, where: string): Generator<readonly [from: number, to: number]> {
  for (let from = 0; from < content.length; ) {
    const end = content.indexOf(LINE_FEED!, from);
    if (end < 0) throw damaged(where, NO_ROW);
    yield [from, end + 1];
    from = end + 1;
  }
}

const NO_ROW = 'a line that is no row';
const NO_TEXT = 'a text that is none';

/** The first string of the array that is the text at `at`. Throws `feed` if there is none. */
function nameOf(content: Buffer, at: number, where: string): string {
  const from = at + 'T['.length;
  if (content[from] !== QUOTE) throw damaged(where, NO_TEXT);
  let end = from + 1;
  while (end < content.length && content[end] !== QUOTE) end += content[end] === BACKSLASH ? 2 : 1;
  return parse(content.toString('utf8', from, end + 1), where) as string;
}

/** See `advisoryGroups` of `read-rows.ts`: the lines of one vulnerability. Throws `feed`. */
function readAdvisories(own: string, where: string): string {
  const texts: { text: EncodedText; hash: Buffer; isSent: boolean }[] = [];
  let lines = '';
  for (const line of own.split('\n')) {
    if (line.startsWith('T')) {
      const [name, severity, cves, aliases, wire, known] = readText(line, where);
      const text = { name, severity, cves, aliases, wire };
      const digest = known === undefined ? hashOfText(text) : Buffer.from(known, 'hex');
      texts.push({ text, hash: digest, isSent: false });
      continue;
    }
    if (line === '') continue;
    const tab = line.indexOf('\t');
    const [number, digest] = line.slice(1, tab).split(',');
    const found = texts[Number(number)];
    if (!line.startsWith('R') || tab < 0 || found === undefined) throw damaged(where, NO_ROW);
    const { text, hash: textHash, isSent } = found;
    found.isSent = true;
    lines += stagedLine(line.slice(tab + 1), {
      hash: textHash,
      ...(!isSent && { text }),
      ...(digest !== undefined && { digest: Buffer.from(digest, 'hex') }),
    });
  }
  return lines;
}

function readText(line: string, where: string): Text {
  const text = parse(line.slice(1), where);
  if (!isText(text)) throw damaged(where, NO_TEXT);
  return text;
}

function parse(json: string, where: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw damaged(where, NO_TEXT);
  }
}

function isText(value: unknown): value is Text {
  if (!Array.isArray(value)) return false;
  const [name, severity, cves, aliases, wire, hash] = value as unknown[];
  const areTexts = (list: unknown): boolean =>
    Array.isArray(list) && list.every((each) => typeof each === 'string');
  return (
    typeof name === 'string' &&
    Number.isInteger(severity) &&
    areTexts(cves) &&
    areTexts(aliases) &&
    typeof wire === 'string' &&
    isMembers(wire) &&
    (hash === undefined || typeof hash === 'string')
  );
}

/** Whether it can be spliced into a report. */
function isMembers(wire: string): boolean {
  try {
    JSON.parse(`{${wire}}`);
    return true;
  } catch {
    return false;
  }
}
