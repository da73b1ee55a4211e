/** Which decision counts for which finding: the narrowest scope, then the newest. */
import type { Session } from '../../../db/database.ts';

/** In the order in which they win. */
const NARROWNESS = `array_position(array['image', 'repository', 'label', 'all'], d.scope)`;

/** Conditions of a decision `d` that holds, about a finding `f` of a vulnerability `v` and package `p` in an image `i`. */
const FITS = `
  not d.withdrawn
  and (d.until is null or d.until >= ($2::timestamptz at time zone 'UTC')::date)
  and (d.source is null or (d.type, d.source) = (p.type, p.name))
  and not (d.until_fix and cardinality(f.fixes) > 0)
  and case d.scope
    when 'all' then true
    when 'image' then i.digest = d.scope_value
    when 'label' then i.labels ->> split_part(d.scope_value, '=', 1) = substr(d.scope_value, strpos(d.scope_value, '=') + 1)
    else exists (select from console_repository r where r.image = i.id and r.name = d.scope_value)
  end`;

/** Stores for each finding of `images` the decision that counts at `now`. */
export async function applyDecisions(tx: Session, images: readonly number[], now: Date): Promise<void> {
  await tx.query({
    name: 'console-undecide',
    text: 'delete from console_decided where image = any ($1::int[])',
    values: [images],
  });
  await tx.query({
    name: 'console-decide',
    text: `
      insert into console_decided (image, finding, decision, closes)
      select distinct on (i.id, f.id) i.id, f.id, d.id, d.status in ('accepted', 'not_affected')
      from console_image i
      join console_content c on c.image = i.id
      cross join lateral unnest(c.findings) as own (id)
      join console_finding f on f.id = own.id
      join console_cve v on v.id = f.cve
      join decision d on d.cve = v.name
      join console_package p on p.id = f.package
      where i.id = any ($1::int[]) and exists (select from decision) and ${FITS}
      order by i.id, f.id, ${NARROWNESS}, d.changed desc, d.id desc`,
    values: [images, now],
  });
}

/** What a decision would be about that is not stored yet. */
export interface Draft {
  readonly cve: string;
  readonly type: string | null;
  readonly source: string | null;
  readonly scope: 'all' | 'label' | 'repository' | 'image';
  readonly scopeValue: string;
  readonly untilFix: boolean;
}

/** The images that `draft` would be about, and how many findings there are in each. */
export async function imagesOfDraft(
  tx: Session,
  draft: Draft,
): Promise<{ readonly image: number; readonly findings: number }[]> {
  return await tx.query({
    name: 'console-images-of-draft',
    text: `
      with wanted as (
        select f.id
        from console_cve v
        join console_finding f on f.cve = v.id
        join console_package p on p.id = f.package
        where v.name = $1 and ($3::text is null or (p.type, p.name) = ($2, $3))
          and not ($6 and cardinality(f.fixes) > 0)
      )
      select i.id as image, count(*)::int as findings
      from console_content c
      join console_image i on i.id = c.image
      cross join lateral unnest(c.findings) as own (id)
      join wanted w on w.id = own.id
      where c.findings && (select coalesce(array_agg(id), '{}') from wanted)
        and case $4::text
          when 'all' then true
          when 'image' then i.digest = $5
          when 'label' then i.labels ->> split_part($5, '=', 1) = substr($5, strpos($5, '=') + 1)
          else exists (select from console_repository r where r.image = i.id and r.name = $5)
        end
      group by i.id`,
    values: [draft.cve, draft.type, draft.source, draft.scope, draft.scopeValue, draft.untilFix],
  });
}
