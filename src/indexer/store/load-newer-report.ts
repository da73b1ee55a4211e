/** Loads the finished report of a manifest unless the caller has that version. */
import type { Session } from '../../db/database.ts';
import type { Digest } from '../../model/digest.ts';
import type { StoredDocuments } from '../documents/documents.ts';

export interface VersionedReport {
  /** Changes whenever the report is stored. */
  readonly version: string;
  /** The report as clients receive it; undefined if the version is the known one. */
  readonly json: string | undefined;
}

/** Returns the finished report, without its JSON if its version is `known`: reports are long and often requested. undefined if none exists. */
export async function loadNewerReport(
  db: Session,
  documents: StoredDocuments,
  manifest: Digest,
  known: string | undefined,
): Promise<VersionedReport | undefined> {
  const [row] = await db.query<{ version: string; report: string | null }>({
    name: 'load-newer-report',
    text: `
      select v.version, case when v.version is distinct from $2 then r.report end as report
      from manifest m
      join index_report r on r.manifest = m.id
      cross join lateral (select concat_ws(' ', m.id, r.updated, r.xmin) as version) v
      where m.digest = $1 and r.state = 'IndexFinished'`,
    values: [manifest, known ?? null],
  });
  return (
    row && { version: row.version, json: row.report === null ? undefined : await documents.read(row.report) }
  );
}
