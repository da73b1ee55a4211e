/** Writes what a matcher's database holds as an export of updaters. */

import type { Ecosystem } from '../../contract/ecosystem.ts';
import type { Database, Session } from '../../db/database.ts';
import type { Scope } from '../../model/advisory.ts';
import type { PackageKind } from '../../model/package.ts';
import { parseVulnerableCode } from '../../model/vulnerable-code.ts';
import type { FeedKind } from '../store/feeds.ts';
import type { ExportResult } from './export-feeds.ts';
import { lineWriter } from './write-operation.ts';
import { type Facts, recordWriter } from './write-record.ts';

/** Rows that are held at once. */
const BATCH = 2000;

interface FeedRow {
  readonly id: number;
  readonly name: string;
  readonly kind: FeedKind;
  readonly fingerprint: string;
  readonly last_success: Date;
}

interface AdvisoryRow {
  readonly scope: number;
  readonly name: string;
  readonly kind: PackageKind;
  readonly module: string;
  readonly arches: string[] | null;
  readonly from_version: string | null;
  readonly below: string | null;
  readonly up_to: string | null;
  readonly shown_name: string | null;
  readonly shown_arch: string | null;
  readonly fixed_in_version: string;
  readonly asserts_unaffected: boolean;
  readonly code: string | null;
  readonly wire: string;
}

/** All feeds that were ever loaded, as they are at one moment. The lines go to `write`. */
export async function exportDatabase(
  db: Database,
  ecosystems: readonly Ecosystem[],
  write: (chunks: AsyncIterable<Uint8Array>) => Promise<void>,
  { sets, signal }: { readonly sets?: readonly string[] | undefined; readonly signal: AbortSignal },
): Promise<ExportResult[]> {
  return await db.snapshot(async (tx) => {
    const feeds = await tx.query<FeedRow>({
      text: `
        select id, name, kind, fingerprint, last_success from feed
        where last_success is not null and ($1::text[] is null or feed_set = any ($1)) order by kind, name`,
      values: [sets],
    });
    const scopes = await loadScopes(tx);
    const results: ExportResult[] = [];
    for (const feed of feeds) {
      const counts = { records: 0, problems: 0, unsaid: 0 };
      const lineOf = lineWriter({ ...feed, updater: feed.name, date: feed.last_success });
      const records =
        feed.kind === 'enrichment'
          ? enrichmentsOf(tx, feed)
          : vulnerabilitiesOf(tx, feed, ecosystems, scopes);
      const lines = async function* (): AsyncGenerator<Buffer> {
        for await (const batch of records) {
          signal.throwIfAborted();
          let text = '';
          for (const record of batch) {
            const line = record && lineOf(record);
            if (line) {
              counts.records++;
              text += line;
            } else if (record === undefined) counts.unsaid++;
            else counts.problems++;
          }
          yield Buffer.from(text);
        }
      };
      await write(lines());
      results.push({ name: feed.name, ...counts });
    }
    return results;
  });
}

interface ScopeRow extends Scope {
  readonly id: number;
}

async function loadScopes(tx: Session): Promise<ReadonlyMap<number, ScopeRow>> {
  const rows = await tx.query<{ id: number; key: string; distribution: unknown; repository: unknown }>({
    text: 'select id, key, distribution, repository from scope',
  });
  return new Map(
    rows.map(({ id, key, distribution, repository }) => [
      id,
      {
        id,
        key,
        ...(distribution ? { distribution } : {}),
        ...(repository ? { repository } : {}),
      } as ScopeRow,
    ]),
  );
}

async function* vulnerabilitiesOf(
  tx: Session,
  feed: FeedRow,
  ecosystems: readonly Ecosystem[],
  scopes: ReadonlyMap<number, ScopeRow>,
): AsyncGenerator<(string | undefined)[]> {
  const byKey = new Map([...scopes.values()].map((scope) => [scope.key, scope]));
  const write = recordWriter(feed.name, ecosystems, (key) => byKey.get(key));
  const rows = fetchAll<AdvisoryRow>(
    tx,
    `select a.*, d.wire from advisory a join advisory_doc d on d.id = a.doc
     where a.feed = ${feed.id} and a.until_run is null`,
  );
  for await (const batch of rows)
    yield batch.map((row) => write(factsOf(row, scopes.get(row.scope)?.key ?? ''), row.wire));
}

function factsOf(row: AdvisoryRow, scope: string): Facts {
  const code = parseVulnerableCode(row.code);
  return {
    scope,
    name: row.name,
    kind: row.kind,
    ...(row.module && { module: row.module }),
    ...(row.arches && { arches: row.arches }),
    ...(row.from_version !== null && { from: row.from_version }),
    ...(row.below !== null && { below: row.below }),
    ...(row.up_to !== null && { upTo: row.up_to }),
    ...(row.shown_name !== null && { shownName: row.shown_name }),
    ...(row.shown_arch !== null && { shownArch: row.shown_arch }),
    ...(row.asserts_unaffected && { assertsUnaffected: true }),
    fixedInVersion: row.fixed_in_version,
    ...(code && { code }),
  };
}

async function* enrichmentsOf(tx: Session, feed: FeedRow): AsyncGenerator<string[]> {
  const rows = fetchAll<{ tag: string; data: string }>(
    tx,
    `select tag, data from enrichment_record where feed = ${feed.id} order by tag`,
  );
  for await (const batch of rows)
    yield batch.map(({ tag, data }) => `{"Tags":[${JSON.stringify(tag)}],"Enrichment":${data}}`);
}

/** The rows of `select`, by a cursor: some at a time. */
async function* fetchAll<R extends object>(tx: Session, select: string): AsyncGenerator<R[]> {
  await tx.query({ text: `declare export no scroll cursor for ${select}` });
  for (;;) {
    const rows = await tx.query<R>({ text: `fetch ${BATCH} from export` });
    if (rows.length === 0) break;
    yield rows;
  }
  await tx.query({ text: 'close export' });
}
