/** The rows of one feed as a published database tells them, from a store: in an order that does not depend on its numbers. */
import { encodeCopyRow, type Session } from '../../db/database.ts';
import { digestOfColumns, type EncodedText, hashOfText } from '../importing/advisory-row.ts';
import type { RowGroup } from './encode-chunks.ts';

/** Rows that are held at once. */
const BATCH = 2000;

interface AdvisoryRow extends EncodedText {
  readonly digest: Buffer;
  readonly hash: Buffer;
  readonly columns: (string | boolean | Buffer | readonly string[] | null)[];
}

/**
 * The current advisories of a feed. Lines of a group: `T` and a text as JSON; then `R`, the number of the text in its
 * group, a tab, and the columns of the row as COPY writes them, from `scope` to `code`, which is left out if it is null.
 * `chunk-rows.ts` reads them.
 */
export async function* advisoryGroups(tx: Session, feed: number): AsyncGenerator<RowGroup> {
  const rows = fetchAll<Record<string, never>>(
    tx,
    `select a.digest, s.key as scope, a.name, a.kind, a.module, a.arches, a.lo, a.hi, a.from_version, a.below, a.up_to,
       a.undecided, a.shown_name, a.shown_arch, a.asserts_unaffected, a.fixed_in_version, a.code,
       d.hash, d.name as doc_name, d.severity, d.cves, d.aliases, d.wire
     from advisory a join advisory_doc d on d.id = a.doc join scope s on s.id = a.scope
     where a.feed = ${feed} and a.until_run is null
     order by ${IN_ORDER}`,
  );
  let name: string | undefined;
  let lines = '';
  let texts = new Map<string, number>();
  for await (const { digest, hash, columns, ...text } of advisoriesIn(rows)) {
    if (name !== undefined && name !== text.name) {
      yield { name, lines };
      lines = '';
      texts = new Map();
    }
    name = text.name;
    const key = hash.toString('hex');
    const number = texts.get(key) ?? texts.size;
    if (number === texts.size) {
      texts.set(key, number);
      lines += `T${JSON.stringify(textLine(text, hash))}\n`;
    }
    const row = encodeCopyRow(columns).slice(0, -1);
    // As it always is, unless what was stored is not what was hashed: a character that the database cannot hold.
    const isOwn = digestOfColumns(row, hash).equals(digest);
    lines += `R${number}${isOwn ? '' : `,${digest.toString('hex')}`}\t${row}\n`;
  }
  if (name !== undefined) yield { name, lines };
}

/** Of the advisories of one feed, joined with their texts: each has another place. */
export const IN_ORDER = 'd.name collate "C", a.digest';

async function* advisoriesIn(batches: AsyncIterable<Record<string, never>[]>): AsyncGenerator<AdvisoryRow> {
  for await (const batch of batches) {
    for (const { digest, hash, doc_name, severity, cves, aliases, wire, code, ...columns } of batch)
      yield {
        digest: digest!,
        hash: hash!,
        name: doc_name!,
        severity: severity!,
        cves: cves!,
        aliases: aliases!,
        wire: wire!,
        columns: [...Object.values(columns), ...(code === null ? [] : [code!])],
      };
  }
}

function textLine({ name, severity, cves, aliases, wire }: EncodedText, hash: Buffer): unknown[] {
  const isOwn = hashOfText({ wire, aliases }).equals(hash);
  return [name, severity, cves, aliases, wire, ...(isOwn ? [] : [hash.toString('hex')])];
}

/** The records of an enricher: tag and data as COPY writes them. */
export async function* recordGroups(tx: Session, feed: number): AsyncGenerator<RowGroup> {
  const rows = fetchAll<{ tag: string; data: string }>(
    tx,
    `select tag, data::text as data from enrichment where feed = ${feed} order by tag`,
  );
  for await (const batch of rows)
    for (const { tag, data } of batch) yield { name: tag, lines: encodeCopyRow([tag, data]) };
}

/** The same of an enricher whose records are two probabilities: the columns of `enrichment_block`. */
export async function* blockGroups(tx: Session, feed: number): AsyncGenerator<RowGroup> {
  const rows = fetchAll<{ block: string; record: string[]; first: string; second: string }>(
    tx,
    `select block, record, first::text as first, second::text as second
     from enrichment_block where feed = ${feed} order by block`,
  );
  for await (const batch of rows)
    for (const { block, record, first, second } of batch)
      yield { name: block, lines: encodeCopyRow([block, record, first, second]) };
}

/** Which current advisories each piece of a feed said: the digest of the piece, and their places in the order of advisories. */
export async function* pieceGroups(tx: Session, feed: number): AsyncGenerator<RowGroup> {
  const rows = fetchAll<{ digest: string | null; places: string }>(
    tx,
    `with placed as materialized (
       select a.id, row_number() over (order by ${IN_ORDER}) as place
       from advisory a join advisory_doc d on d.id = a.doc
       where a.feed = ${feed} and a.until_run is null)
     select encode(p.digest, 'hex') as digest, coalesce(array_agg(placed.place order by placed.place) filter (where placed.place is not null), '{}')::text as places
     from (select row_number() over () as number, digest, advisories from feed_piece where feed = ${feed}) p
     left join lateral unnest(p.advisories) as said (id) on true
     left join placed on placed.id = said.id
     group by p.number, p.digest
     order by p.digest nulls last, places`,
  );
  for await (const batch of rows)
    for (const { digest, places } of batch)
      yield { name: digest ?? '', lines: encodeCopyRow([digest && Buffer.from(digest, 'hex'), places]) };
}

/** The rows of `select`, by a cursor: some at a time. */
async function* fetchAll<R extends object>(tx: Session, select: string): AsyncGenerator<R[]> {
  await tx.query({ text: `declare published no scroll cursor for ${select}` });
  for (;;) {
    const rows = await tx.query<R>({ text: `fetch ${BATCH} from published` });
    if (rows.length === 0) break;
    yield rows;
  }
  await tx.query({ text: 'close published' });
}
