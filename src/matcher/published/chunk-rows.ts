/** Reads chunks back into lines of COPY for the temporary tables of an import, and says whom they speak of. */
import { type EncodedText, hashOfText, stagedLine } from '../importing/advisory-row.ts';
import { damaged, type IndexedFeed } from './format.ts';

export interface ChunkRows {
  readonly lines: string;
  /** Of vulnerabilities, or tags. */
  readonly names: readonly string[];
}

type Text = readonly [string, number, readonly string[], readonly string[], string, string?];

/** What makes lines of the content of chunks of a feed; texts that are in several are sent once. `where` is for messages. */
export function chunkReader(form: IndexedFeed['rows'], where: string): (content: Buffer) => ChunkRows {
  if (form === 'advisories') return (content) => readAdvisories(content, where);
  if (form === 'blocks') return (content) => ({ lines: content.toString(), names: [] });
  let number = 0;
  return (content) => {
    const names: string[] = [];
    let lines = '';
    for (const line of linesOf(content)) {
      names.push(line.slice(0, line.indexOf('\t')));
      lines += `${number++}\t${line}\n`;
    }
    return { lines, names };
  };
}

/** See `advisoryGroups`. Throws `feed`. */
function readAdvisories(content: Buffer, where: string): ChunkRows {
  const names = new Set<string>();
  let texts: { text: EncodedText; hash: Buffer; isSent: boolean }[] = [];
  let isGroupOpen = false;
  let lines = '';
  for (const line of linesOf(content)) {
    if (line.startsWith('T')) {
      const [name, severity, cves, aliases, wire, hash] = readText(line, where);
      // Numbers of texts begin anew with each vulnerability.
      if (texts[0]?.text.name !== name) texts = [];
      const text = { name, severity, cves, aliases, wire };
      texts.push({
        text,
        hash: hash === undefined ? hashOfText(text) : Buffer.from(hash, 'hex'),
        isSent: false,
      });
      names.add(name);
      isGroupOpen = true;
      continue;
    }
    const tab = line.indexOf('\t');
    const [number, digest] = line.slice(1, tab).split(',');
    const found = texts[Number(number)];
    if (!isGroupOpen || !line.startsWith('R') || tab < 0 || found === undefined)
      throw damaged(where, 'a line that is no row');
    const { text, hash, isSent } = found;
    found.isSent = true;
    lines += stagedLine(line.slice(tab + 1), {
      hash,
      ...(!isSent && { text }),
      ...(digest !== undefined && { digest: Buffer.from(digest, 'hex') }),
    });
  }
  return { lines, names: [...names] };
}

function readText(line: string, where: string): Text {
  let text: unknown;
  try {
    text = JSON.parse(line.slice(1));
  } catch {
    text = undefined;
  }
  if (!isText(text)) throw damaged(where, 'a text that is none');
  return text;
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

function* linesOf(content: Buffer): Generator<string> {
  const text = content.toString();
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf('\n', at);
    yield text.slice(at, end < 0 ? undefined : end);
    at = end < 0 ? text.length : end + 1;
  }
}
