/** Takes out of a report what decisions close: only where `matcher.triage` is `apply`. */
import type { Ecosystem } from '../../contract/ecosystem.ts';
import type { Session } from '../../db/database.ts';
import type { Hits, Matches } from '../matching/match.ts';
import type { Finding } from './find.ts';
import { sourceOf, typesOf } from './package-names.ts';

/** Changes with every decision, and with the day on which some end. */
export async function decisionsToken(db: Session, now: Date): Promise<string> {
  const [row] = await db.query<{ last: string | null }>({
    name: 'console-decisions-token',
    text: 'select max(id)::text as last from decision_event',
  });
  return `${row?.last ?? ''} ${now.toISOString().slice(0, 10)}`;
}

/** An advisory stays with a package as long as any open finding rests on it. */
export async function withoutDecided<
  T extends { readonly matches: Matches; readonly findings: readonly Finding[] },
>(db: Session, image: T, ecosystems: readonly Ecosystem[], now: Date): Promise<T> {
  const { matches, findings } = image;
  const typeOf = typesOf(ecosystems);
  const packages = findings.map(({ position }) => matches.report.packages[position]!);
  const decided = await db.query<{ position: number; status: string }>({
    name: 'console-closed-findings',
    text: `
      select distinct on (f.place) f.place as position, d.status
      from unnest($1::text[], $2::text[], $3::text[], $4::boolean[]) with ordinality
        as f (cve, type, source, fixed, place)
      join decision d on d.cve = f.cve
      left join console_image i on i.digest = $5
      where not d.withdrawn
        and (d.until is null or d.until >= ($6::timestamptz at time zone 'UTC')::date)
        and (d.source is null or (d.type, d.source) = (f.type, f.source))
        and not (d.until_fix and f.fixed)
        and case d.scope
          when 'all' then true
          when 'image' then d.scope_value = $5
          when 'label' then i.labels ->> split_part(d.scope_value, '=', 1) = substr(d.scope_value, strpos(d.scope_value, '=') + 1)
          else exists (select from console_repository r where r.image = i.id and r.name = d.scope_value)
        end
      order by f.place, array_position(array['image', 'repository', 'label', 'all'], d.scope), d.changed desc, d.id desc`,
    values: [
      findings.map(({ name }) => name),
      packages.map(typeOf),
      packages.map(sourceOf),
      findings.map(({ fixes }) => fixes.length > 0),
      matches.report.manifestHash,
      now,
    ],
  });
  const gone = new Set(
    decided
      .filter(({ status }) => status === 'accepted' || status === 'not_affected')
      .map(({ position }) => Number(position) - 1),
  );
  if (gone.size === 0) return image;
  const open = findings.filter((_, index) => !gone.has(index));
  const kept = new Set(
    open.flatMap(({ position, advisories }) => advisories.map((id) => `${position} ${id}`)),
  );
  const keep = (hits: Hits): Hits =>
    new Map(
      [...hits].flatMap(([position, ids]): [number, Set<number>][] => {
        const rest = new Set([...ids].filter((id) => kept.has(`${position} ${id}`)));
        return rest.size === 0 ? [] : [[position, rest]];
      }),
    );
  return {
    ...image,
    findings: open,
    matches: { ...matches, affected: keep(matches.affected), undecided: keep(matches.undecided) },
  };
}
