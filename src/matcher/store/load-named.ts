/** Loads the names of advisories that packages with guessed names can have. */
import type { Guess, KnownNames } from '../../contract/lookup.ts';
import type { Session } from '../../db/database.ts';

/** Returns the names `GROUP:ARTIFACT` of current advisories in `scope` that `guesses` can mean, and their groups. */
export async function loadNamed(db: Session, scope: string, guesses: readonly Guess[]): Promise<KnownNames> {
  const artifacts = [...new Set(guesses.flatMap(({ artifacts }) => artifacts))];
  const groups = [...new Set(guesses.flatMap(({ groups }) => groups))];
  const rows = await db.query<{ name: string; artifact: string | null }>({
    name: 'load-named',
    text: `
      with named as materialized (
        select distinct a.name
        from advisory a
        where a.scope = (select id from scope where key = $1) and a.until_run is null
      )
      select name, lower(split_part(name, ':', 2)) as artifact
      from named
      where lower(split_part(name, ':', 2)) = any ($2::text[])
      union all
      select distinct split_part(name, ':', 1), null::text
      from named
      where split_part(name, ':', 1) = any ($3::text[])
      order by 1`,
    values: [scope, artifacts, groups],
  });
  const named = Map.groupBy(rows, ({ artifact }) => artifact);
  const known = (named.get(null) ?? []).map(({ name }) => name);
  named.delete(null);
  return {
    byArtifact: new Map([...named].map(([artifact, of]) => [artifact!, of.map(({ name }) => name)])),
    groups: new Set(known),
  };
}
