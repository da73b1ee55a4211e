/** What is open in the images of each label: what images add is counted before and after a change, as without labels. */
import type { Session } from '../../../db/database.ts';
import { type Contribution, columnsOf, type Delta, isNothing, unitColumnsOf } from './deltas.ts';
import { OPEN } from './open-findings.ts';

/** `only`: of this label alone, and not of all that the images have. */
export async function labelContributions(
  tx: Session,
  images: readonly number[] | string,
  only?: number,
): Promise<Contribution[]> {
  const [row] = await tx.query({
    name: 'console-any-label',
    text: `select from console_image where id = any ($1::int[]) and labels <> '{}' limit 1`,
    values: [images],
  });
  if (row === undefined) return [];
  return await tx.query<Contribution>({
    name: 'console-label-contributions',
    text: `
      with labelled as (
        select i.id as image, i.newest, k.id as label
        from console_image i
        cross join lateral jsonb_each_text(i.labels) l
        join console_label k on k.key = l.key and k.value = l.value
        where i.id = any ($1::int[]) and ($2::int is null or k.id = $2)
      ), open as (${OPEN}), unit as (
        select w.label, o.image, o.newest, o.cve, o.package, count(*)::int as findings,
          (count(*) filter (where fixed))::int as fixable, max(impact)::float8 as weight,
          coalesce(max(impact) filter (where fixed), 0)::float8 as weight_fixable
        from labelled w join open o on o.image = w.image
        group by w.label, o.image, o.newest, o.cve, o.package
      )
      select 'unit' as kind, label, cve as a, package as b, newest, count(*)::int as images, sum(findings)::int as findings,
        sum(fixable)::int as fixable, sum(weight) as weight, sum(weight_fixable) as weight_fixable
      from unit group by label, cve, package, newest
      union all
      select 'unit', label, 0, package, newest, count(distinct image)::int, sum(findings)::int, sum(fixable)::int,
        sum(weight), sum(weight_fixable)
      from unit group by label, package, newest
      union all
      select 'cve', label, cve, 0, newest, count(distinct image)::int, sum(findings)::int, sum(fixable)::int, sum(weight),
        sum(weight_fixable)
      from unit group by label, cve, newest
      union all
      select 'label', label, 0, 0, newest, count(*)::int, 0, 0, 0, 0 from labelled group by label, newest`,
    values: [images, only ?? null],
  });
}

export async function updateLabels(tx: Session, changed: readonly Delta[]): Promise<void> {
  if (changed.length === 0) return;
  const labels = changed.filter(({ kind }) => kind === 'label');
  await tx.query({
    name: 'console-update-labels',
    text: `
      update console_label l set images = l.images + d.images, images_all = l.images_all + d.images_all
      from unnest($1::int[], $2::int[], $3::int[]) as d (label, images, images_all)
      where l.id = d.label`,
    values: [
      labels.map(({ label }) => label),
      labels.map(({ newest }) => newest.images),
      labels.map(({ all }) => all.images),
    ],
  });
  await updateCves(
    tx,
    changed.filter(({ kind }) => kind === 'cve'),
  );
  await updateUnits(
    tx,
    changed.filter(({ kind, newest }) => kind === 'unit' && !isNothing(newest)),
  );
}

async function updateCves(tx: Session, rows: readonly Delta[]): Promise<void> {
  if (rows.length === 0) return;
  const labels = rows.map(({ label }) => label);
  await tx.query({
    name: 'console-update-label-cves',
    text: `
      insert into console_label_cve as c (label, cve, images, images_all, findings, findings_all, fixable, fixable_all,
        weight, weight_all)
      select * from unnest($1::int[], $2::int[], $3::int[], $4::int[], $5::int[], $6::int[], $7::int[], $8::int[],
        $9::float8[], $10::float8[])
      on conflict (label, cve) do update set
        images = c.images + excluded.images, images_all = c.images_all + excluded.images_all,
        findings = c.findings + excluded.findings, findings_all = c.findings_all + excluded.findings_all,
        fixable = c.fixable + excluded.fixable, fixable_all = c.fixable_all + excluded.fixable_all,
        weight = case when c.images + excluded.images = 0 then 0 else c.weight + excluded.weight end,
        weight_all = c.weight_all + excluded.weight_all`,
    values: [labels, ...columnsOf(rows)],
  });
  await tx.query({
    name: 'console-delete-label-cves',
    text: `
      delete from console_label_cve c using unnest($1::int[], $2::int[]) as d (label, cve)
      where c.label = d.label and c.cve = d.cve and c.images_all <= 0`,
    values: [labels, rows.map(({ a }) => a)],
  });
}

async function updateUnits(tx: Session, rows: readonly Delta[]): Promise<void> {
  if (rows.length === 0) return;
  const labels = rows.map(({ label }) => label);
  await tx.query({
    name: 'console-update-label-units',
    text: `
      insert into console_label_unit as u (label, images, cve, package, findings, fixable, weight, weight_fixable)
      select * from unnest($1::int[], $2::int[], $3::int[], $4::int[], $5::int[], $6::int[], $7::float8[], $8::float8[])
      on conflict (label, cve, package) do update set images = u.images + excluded.images,
        findings = u.findings + excluded.findings, fixable = u.fixable + excluded.fixable,
        weight = u.weight + excluded.weight, weight_fixable = u.weight_fixable + excluded.weight_fixable`,
    values: [labels, rows.map(({ newest }) => newest.images), ...unitColumnsOf(rows)],
  });
  await tx.query({
    name: 'console-delete-label-units',
    text: `
      delete from console_label_unit u using unnest($1::int[], $2::int[], $3::int[]) as d (label, cve, package)
      where u.label = d.label and u.cve = d.cve and u.package = d.package and u.findings <= 0`,
    values: [labels, rows.map(({ a }) => a), rows.map(({ b }) => b)],
  });
}
