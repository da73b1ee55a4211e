/** Loads the stored report of a manifest. */
import type { Session } from '../../db/database.ts';
import type { Digest } from '../../model/digest.ts';

export interface StoredReport {
  readonly state: string;
  /** State of the indexer that created it. */
  readonly indexerState: string;
  /** What its row holds: JSON, as clients receive it, or a reference to it (reference.ts). */
  readonly report: string;
}

/** Returns the stored report, finished or not; undefined if the manifest was never submitted. */
export async function loadReport(db: Session, manifest: Digest): Promise<StoredReport | undefined> {
  const [row] = await db.query<StoredReport>({
    name: 'load-report',
    text: `
      select r.state, r.indexer_state as "indexerState", r.report
      from manifest m join index_report r on r.manifest = m.id
      where m.digest = $1`,
    values: [manifest],
  });
  return row;
}
