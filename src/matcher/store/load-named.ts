/** Which of the names that advisories have a package may have whose own name is a guess. */
import type { Session } from '../../db/database.ts';

export interface NamedRow {
  readonly name: string;
  readonly artifact: string;
}

/** The names `GROUP:ARTIFACT` of current advisories in `scope` whose artifact, in lower case, is one of `artifacts`. */
export async function loadNamed(
  db: Session,
  scope: string,
  artifacts: readonly string[],
): Promise<NamedRow[]> {
  if (artifacts.length === 0) return [];
  return await db.query<NamedRow>({
    name: 'load-named',
    text: `
      select distinct a.name, lower(split_part(a.name, ':', 2)) as artifact
      from advisory a
      where a.scope = (select id from scope where key = $1) and a.until_run is null
        and lower(split_part(a.name, ':', 2)) = any ($2::text[])
      order by a.name`,
    values: [scope, artifacts],
  });
}
