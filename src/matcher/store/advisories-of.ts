/** Loads the current advisories about one vulnerability, by any of its names, for any package. */
import type { Session } from '../../db/database.ts';
import type { AdvisoryFacts } from '../../model/advisory.ts';
import type { PackageKind } from '../../model/package.ts';

interface NamedAdvisoryRow {
  readonly scope: string;
  readonly name: string;
  readonly kind: PackageKind;
  readonly module: string;
  readonly arches: readonly string[] | null;
  readonly asserts_unaffected: boolean;
  readonly from_version: string | null;
  readonly below: string | null;
  readonly up_to: string | null;
  readonly fixed_in_version: string;
}

/** Returns at most `limit` of them, and one more if others exist. */
export async function loadAdvisoriesOf(
  db: Session,
  names: readonly string[],
  limit: number,
): Promise<AdvisoryFacts[]> {
  const rows = await db.query<NamedAdvisoryRow>({
    name: 'advisories-of',
    text: `
      select scope.key as scope, a.name, a.kind, a.module, a.arches, a.asserts_unaffected, a.from_version, a.below,
        a.up_to, a.fixed_in_version
      from advisory_doc d
      join advisory a on a.doc = d.id and a.until_run is null
      join scope on scope.id = a.scope
      where d.name = any ($1::text[])
      order by a.id
      limit $2`,
    values: [names.flatMap((name) => [name, name.toUpperCase()]), limit + 1],
  });
  return rows.map((row) => ({
    ...{ scope: row.scope, name: row.name, kind: row.kind, fixedInVersion: row.fixed_in_version },
    ...(row.module !== '' && { module: row.module }),
    ...(row.arches && { arches: row.arches }),
    ...(row.from_version !== null && { from: row.from_version }),
    ...(row.below !== null && { below: row.below }),
    ...(row.up_to !== null && { upTo: row.up_to }),
    ...(row.asserts_unaffected && { assertsUnaffected: true }),
  }));
}
