/** Manifests whose lookups were never stored, or by what made others of the same report. */
import type { Session } from '../../db/database.ts';
import type { Digest } from '../../model/digest.ts';

const MISSING = `
  index_report r
  where r.state = 'IndexFinished'
    and not exists (select from manifest_finding f where f.manifest = r.manifest and f.revision = $1)`;

export async function anyLookupsMissing(db: Session, revision: string): Promise<boolean> {
  const [row] = await db.query<{ missing: boolean }>({
    name: 'any-findings-missing',
    text: `select exists (select from ${MISSING}) as missing`,
    values: [revision],
  });
  return row!.missing;
}

/** Some of them, behind `after`; in the order of their ids. */
export async function loadMissing(db: Session, revision: string, after: number): Promise<number[]> {
  const rows = await db.query<{ manifest: number }>({
    name: 'load-missing-findings',
    text: `select r.manifest from ${MISSING} and r.manifest > $2 order by r.manifest limit 500`,
    values: [revision, after],
  });
  return rows.map(({ manifest }) => manifest);
}

/** Its finished report, which nobody replaces until the transaction ends. */
export async function lockReport(
  tx: Session,
  manifest: number,
): Promise<{ digest: Digest; report: string } | undefined> {
  const [row] = await tx.query<{ digest: Digest; report: string }>({
    name: 'lock-report',
    text: `
      select m.digest, r.report from index_report r join manifest m on m.id = r.manifest
      where r.manifest = $1 and r.state = 'IndexFinished'
      for update of r`,
    values: [manifest],
  });
  return row;
}
