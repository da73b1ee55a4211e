/** Stores the report of a manifest. */
import type { Session } from '../../db/database.ts';
import type { Digest } from '../../model/digest.ts';
import type { StoredReport } from './load-report.ts';

const UPSERT = `
  insert into index_report as r (manifest, state, indexer_state, report)
  select id, $2, $3, $4 from manifest where digest = $1
  on conflict (manifest) do update
  set state = excluded.state, indexer_state = excluded.indexer_state, report = excluded.report, updated = now()`;

/** Stores a report, which replaces the previous one of the manifest. */
export async function saveReport(db: Session, manifest: Digest, report: StoredReport): Promise<void> {
  await db.query({ name: 'save-report', text: UPSERT, values: valuesOf(manifest, report) });
}

/** Stores the report of an intermediate state, unless a finished one exists: that stays readable until the new one is finished. */
export async function saveProgress(db: Session, manifest: Digest, report: StoredReport): Promise<void> {
  const text = `${UPSERT} where r.state <> 'IndexFinished'`;
  await db.query({ name: 'save-progress', text, values: valuesOf(manifest, report) });
}

function valuesOf(manifest: Digest, { state, indexerState, report }: StoredReport): string[] {
  return [manifest, state, indexerState, report];
}
