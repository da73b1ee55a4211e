/**
 * Counts of what changes: what images add to vulnerabilities and packages is counted before and after, and the difference is
 * added. So a change costs what it touches, however many images there are.
 */
import type { Session } from '../../../db/database.ts';
import { labelContributions, updateLabels } from './count-labels.ts';
import { ownedVersions, updateVersions } from './count-versions.ts';
import {
  addContributions,
  type Contribution,
  changedOf,
  columnsOf,
  type Delta,
  type Deltas,
  isNothing,
  unitColumnsOf,
} from './deltas.ts';
import { OPEN } from './open-findings.ts';

/** What needs action now, of a `console_cve` that is called `c`: exploited, or severe and likely to be. */
export const ACT_NOW_RULE = { kev: true, epss: 0.3, severity: ['Critical', 'High'] } as const;
export const ACT_NOW = `(c.exploited or (c.epss >= ${ACT_NOW_RULE.epss} and c.severity >= 4))`;

/** Until the transaction ends nobody else counts: what is added up twice at a time would be wrong for ever. */
export async function lockCounts(tx: Session): Promise<void> {
  await tx.query({
    name: 'console-lock-counts',
    text: `select pg_advisory_xact_lock(hashtext('clair-console-counts'))`,
  });
}

/** Runs `change`, which changes what is open in `images` or which of them are the newest, and adds up what that changes. */
export async function recounted(
  tx: Session,
  images: readonly number[],
  change: () => Promise<void>,
): Promise<void> {
  await lockCounts(tx);
  const deltas: Deltas = new Map();
  addContributions(deltas, await contributions(tx, images), -1);
  addContributions(deltas, await labelContributions(tx, images), -1);
  const owned = await ownedVersions(tx, images);
  await change();
  addContributions(deltas, await contributions(tx, images), 1);
  addContributions(deltas, await labelContributions(tx, images), 1);
  await updateVersions(tx, owned, await ownedVersions(tx, images));
  const everywhere = changedOf(deltas);
  await updateLabels(
    tx,
    everywhere.filter(({ label }) => label !== 0),
  );
  const changed = everywhere.filter(({ label }) => label === 0);
  await updateCves(tx, changed);
  await updateUnits(tx, changed);
  await sumPackages(tx, [...new Set(changed.flatMap(({ kind, b }) => (kind === 'unit' ? b : [])))]);
  await countImages(tx, images);
  await tx.query({
    name: 'console-revision',
    text: 'update console_state set revision = revision + 1, labels_revision = labels_revision + 1',
  });
}

async function contributions(tx: Session, images: readonly number[]): Promise<Contribution[]> {
  return await tx.query<Contribution>({
    name: 'console-contributions',
    text: `
      with open as (${OPEN}), unit as (
        select image, newest, cve, package, count(*)::int as findings,
          (count(*) filter (where fixed))::int as fixable, max(impact)::float8 as weight,
          coalesce(max(impact) filter (where fixed), 0)::float8 as weight_fixable
        from open group by image, newest, cve, package
      )
      select 'unit' as kind, 0 as label, cve as a, package as b, newest, count(*)::int as images, sum(findings)::int as findings,
        sum(fixable)::int as fixable, sum(weight) as weight, sum(weight_fixable) as weight_fixable
      from unit group by cve, package, newest
      union all
      select 'cve', 0, cve, 0, newest, count(distinct image)::int, sum(findings)::int, sum(fixable)::int, sum(weight),
        sum(weight_fixable)
      from unit group by cve, newest`,
    values: [images],
  });
}

async function updateCves(tx: Session, changed: readonly Delta[]): Promise<void> {
  const rows = changed.filter(({ kind }) => kind === 'cve');
  if (rows.length === 0) return;
  await tx.query({
    name: 'console-update-cves',
    text: `
      update console_cve c set
        images = c.images + d.images, images_all = c.images_all + d.images_all,
        findings = c.findings + d.findings, findings_all = c.findings_all + d.findings_all,
        fixable = c.fixable + d.fixable, fixable_all = c.fixable_all + d.fixable_all,
        -- Sums of fractions drift: what is not there any more weighs nothing.
        weight = case when c.images + d.images = 0 then 0 else c.weight + d.weight end,
        weight_all = case when c.images_all + d.images_all = 0 then 0 else c.weight_all + d.weight_all end
      from unnest($1::int[], $2::int[], $3::int[], $4::int[], $5::int[], $6::int[], $7::int[], $8::float8[], $9::float8[])
        as d (id, images, images_all, findings, findings_all, fixable, fixable_all, weight, weight_all)
      where c.id = d.id`,
    values: columnsOf(rows),
  });
}

async function updateUnits(tx: Session, changed: readonly Delta[]): Promise<void> {
  const rows = changed.filter(({ kind, newest }) => kind === 'unit' && !isNothing(newest));
  if (rows.length === 0) return;
  await tx.query({
    name: 'console-update-units',
    text: `
      insert into console_unit as u (cve, package, findings, fixable, weight, weight_fixable)
      select * from unnest($1::int[], $2::int[], $3::int[], $4::int[], $5::float8[], $6::float8[])
      on conflict (cve, package) do update set
        findings = u.findings + excluded.findings, fixable = u.fixable + excluded.fixable,
        weight = u.weight + excluded.weight, weight_fixable = u.weight_fixable + excluded.weight_fixable`,
    values: unitColumnsOf(rows),
  });
  await tx.query({
    name: 'console-delete-units',
    text: `
      delete from console_unit u using unnest($1::int[], $2::int[]) as d (cve, package)
      where u.cve = d.cve and u.package = d.package and u.findings <= 0`,
    values: [rows.map(({ a }) => a), rows.map(({ b }) => b)],
  });
}

/** Adds up what is open of packages. */
export async function sumPackages(tx: Session, packages: readonly number[]): Promise<void> {
  if (packages.length === 0) return;
  await tx.query({
    name: 'console-sum-packages',
    text: `
      update console_package p set findings = s.findings, fixable = s.fixable, risk = s.risk, fixable_risk = s.fixable_risk
      from (
        select w.id, coalesce(sum(u.findings), 0)::int as findings, coalesce(sum(u.fixable), 0)::int as fixable,
          coalesce(sum(c.likelihood * u.weight), 0) as risk,
          coalesce(sum(c.likelihood * u.weight_fixable), 0) as fixable_risk
        from unnest($1::int[]) as w (id)
        left join console_unit u on u.package = w.id
        left join console_cve c on c.id = u.cve
        group by w.id
      ) s
      where p.id = s.id`,
    values: [packages],
  });
}

/** Counts what is open in images, and what was decided in them. */
export async function countImages(tx: Session, images: readonly number[]): Promise<void> {
  await tx.query({
    name: 'console-count-images',
    text: `
      with open as (${OPEN}), unit as (
        select o.image, o.cve, max(o.impact) * max(c.likelihood) as risk, bool_or(c.exploited) as exploited,
          bool_or(${ACT_NOW}) as now
        from open o join console_cve c on c.id = o.cve
        group by o.image, o.cve, o.package
      ), risks as (
        select image, count(distinct cve)::int as cves,
          (count(distinct cve) filter (where exploited))::int as exploited,
          (count(distinct cve) filter (where now))::int as now, sum(risk)::float8 as risk
        from unit group by image
      ), counts as (
        select image, count(*) filter (where severity = 5)::int as critical, count(*) filter (where severity = 4)::int as high,
          count(*) filter (where severity = 3)::int as medium, count(*) filter (where severity = 2)::int as low,
          count(*) filter (where severity = 1)::int as negligible, count(*) filter (where severity = 0)::int as unknown,
          count(*) filter (where fixed)::int as fixable
        from open group by image
      ), decided as (
        select e.image, count(*) filter (where d.status = 'accepted')::int as accepted,
          count(*) filter (where d.status = 'not_affected')::int as not_affected
        from console_decided e join decision d on d.id = e.decision
        where e.image = any ($1::int[])
        group by e.image
      )
      update console_image i set
        critical = coalesce(n.critical, 0), high = coalesce(n.high, 0), medium = coalesce(n.medium, 0),
        low = coalesce(n.low, 0), negligible = coalesce(n.negligible, 0), unknown = coalesce(n.unknown, 0),
        fixable = coalesce(n.fixable, 0), cves = coalesce(r.cves, 0), exploited = coalesce(r.exploited, 0), act_now = coalesce(r.now, 0),
        risk = case when i.coverage in ('complete', 'incomplete') then coalesce(r.risk, 0) end,
        accepted = coalesce(d.accepted, 0), not_affected = coalesce(d.not_affected, 0)
      from unnest($1::int[]) as w (id)
      left join counts n on n.image = w.id
      left join risks r on r.image = w.id
      left join decided d on d.image = w.id
      where i.id = w.id`,
    values: [images],
  });
}
