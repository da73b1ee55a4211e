/** Reads the export of updaters that Clair and we write: JSON lines, those of one update operation one after another. */
import { AppError } from '../../errors.ts';
import { type Line, linesOf } from './lines.ts';

/** A line's content: a vulnerability, or an enrichment with its tags. */
export interface BlobRecord {
  readonly line: number;
  readonly value: unknown;
}

export interface ExportedOperation {
  readonly updater: string;
  readonly fingerprint: string;
  /** undefined: none that can be read. */
  readonly date: Date | undefined;
  /** `vulnerability` or `enrichment`; whatever else a later release may write. */
  readonly kind: string;
  readonly ref: string;
  /** Where it begins. */
  readonly line: number;
  /** Read at most once, before the next operation is asked for. Throws what `readOperations` throws. */
  readonly records: AsyncIterable<BlobRecord>;
}

/** Clair itself writes none over 1 MiB. */
const MAX_LINE = 16 * 1024 * 1024;

interface Entry extends Omit<ExportedOperation, 'records'>, BlobRecord {}

/**
 * The operations in a file called `name`. A line that cannot be read is told to `problem`, all others are kept.
 * Throws `feed` if it is no such file, or if it ends in the middle of a line.
 */
export async function* readOperations(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
  problem: (line: number, reason: string) => void,
): AsyncGenerator<ExportedOperation> {
  const entries = entriesOf(chunks, name, problem);
  let broken: { readonly error: unknown } | undefined;
  const advance = async () => {
    try {
      return await entries.next();
    } catch (error) {
      broken = { error };
      throw error;
    }
  };
  try {
    let next = await advance();
    while (!next.done) {
      const head = next.value;
      const isOfIt = (entry: Entry): boolean =>
        entry.ref === head.ref && entry.updater === head.updater && entry.kind === head.kind;
      const records = async function* (): AsyncGenerator<BlobRecord> {
        while (!next.done && isOfIt(next.value)) {
          yield next.value;
          next = await advance();
        }
      };
      yield { ...head, records: records() };
      if (broken !== undefined) throw broken.error; // whoever read may have kept it for himself
      while (!next.done && isOfIt(next.value)) next = await advance();
    }
  } finally {
    await entries.return(undefined);
  }
}

async function* entriesOf(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
  problem: (line: number, reason: string) => void,
): AsyncGenerator<Entry> {
  let any = false;
  for await (const line of linesOf(chunks, MAX_LINE)) {
    if (line.text?.trim() === '') continue;
    const entry = readEntry(line);
    if (typeof entry !== 'string') {
      any = true;
      yield entry;
    } else if (!any) {
      throw new AppError(
        'feed',
        `${name} is not an export of export-updaters: line ${line.number}: ${entry}`,
      );
    } else if (!line.ended) {
      throw new AppError('feed', `${name} is truncated: it ends in the middle of line ${line.number}`);
    } else problem(line.number, entry);
  }
  if (!any) throw new AppError('feed', `${name} is empty: it contains no update operation`);
}

/** What a line says, or why it cannot be read. */
function readEntry({ number, text }: Line): Entry | string {
  if (text === undefined) return `over ${MAX_LINE} bytes`;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return 'not JSON';
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return 'not a JSON object';
  const {
    Updater,
    Fingerprint = '',
    Date: date,
    Kind,
    Ref,
    Vuln,
    Enrichment,
  } = json as Record<string, unknown>;
  if (typeof Updater !== 'string' || Updater === '' || Updater.length > 1000) return 'Updater is no name';
  if (typeof Fingerprint !== 'string') return 'Fingerprint is no text';
  if (typeof Ref !== 'string' || Ref === '') return 'Ref is no text';
  // Exports of the first releases had vulnerabilities only, and no kind.
  const kind = typeof Kind === 'string' && Kind !== '' ? Kind : 'vulnerability';
  const value = kind === 'enrichment' ? Enrichment : Vuln;
  if (value === undefined && (kind === 'vulnerability' || kind === 'enrichment'))
    return `a line of kind ${kind} without ${kind === 'enrichment' ? 'Enrichment' : 'Vuln'}`;
  return {
    updater: Updater.toWellFormed().replaceAll('\0', '\uFFFD'),
    fingerprint: Fingerprint.toWellFormed().replaceAll('\0', '\uFFFD'),
    date: dateOf(date),
    kind,
    ref: Ref,
    line: number,
    value,
  };
}

function dateOf(value: unknown): Date | undefined {
  const date = new Date(typeof value === 'string' ? value : Number.NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
