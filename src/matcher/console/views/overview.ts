/** The overview: what is in danger now, what changed, and whether that can be trusted. */
import type { Session } from '../../../db/database.ts';
import type { Overview } from '../../../model/api/console/types.ts';
import { shownRisk } from '../../../model/risk.ts';
import { SEVERITIES, type Severity } from '../../../model/severity.ts';
import type { ConsoleContext } from '../context.ts';
import { ACT_NOW, ACT_NOW_RULE } from '../store/recount.ts';
import { loadState } from '../store/state.ts';
import { feedSummary } from './feeds.ts';
import type { CountedLabel } from './labels.ts';
import { type CveSource, cveColumns, cveSource, cveToWire, type ListedCve } from './list-cves.ts';
import { type FleetRow, fleetToWire, loadLabelUpgrades, loadUpgrades } from './list-packages.ts';
import { loadFeeds } from './load-feeds.ts';

interface ImageSums {
  readonly total: number;
  readonly manifests: number;
  readonly complete: number;
  readonly incomplete: number;
  readonly unchecked: number;
  readonly pending: number;
  readonly failed: number;
  readonly due: number;
  readonly act_now: number;
  readonly findings: readonly number[];
  readonly images: readonly number[];
}

/** Columns by severity, Unknown first. */
const COLUMNS = ['unknown', 'negligible', 'low', 'medium', 'high', 'critical'] as const;

const TOP = { cves: 6, images: 6, upgrades: 5, unreadable: 10 };

export async function overviewOf(
  { db, matcher, now, sets }: ConsoleContext,
  {
    all,
    from,
    label,
  }: { readonly all: boolean; readonly from: Date; readonly label: CountedLabel | undefined },
): Promise<Overview> {
  const images = imageFilter(all, label);
  const source = cveSource(all, label);
  const [sums, cves, top, since, decisions, riskiest, unreadable, upgrades, feeds, state] = await Promise.all(
    [
      imageSums(db, images),
      cveSums(db, source),
      topCves(db, source),
      changesSince(db, from, label),
      decisionSums(db, now()),
      riskiestImages(db, images),
      unreadableImages(db, imageFilter(true, label)),
      label === undefined ? loadUpgrades(db, TOP.upgrades) : loadLabelUpgrades(db, label.id, TOP.upgrades),
      matcher.feedStatus().then((status) => loadFeeds(db, status, sets)),
      loadState(db),
    ],
  );
  return {
    as_of: now().toISOString(),
    pending: sums.due,
    act_now: {
      cves: cves.reduce((sum, { now: count }) => sum + count, 0),
      images: sums.act_now,
      rule: { ...ACT_NOW_RULE, severity: [...ACT_NOW_RULE.severity] },
      top: top.map(cveToWire),
    },
    images: {
      total: sums.total,
      manifests: sums.manifests,
      complete: sums.complete,
      incomplete: sums.incomplete,
      unchecked: sums.unchecked,
      pending: sums.pending,
      failed: sums.failed,
    },
    open: COLUMNS.map((_, rank) => {
      const own = cves.find(({ severity }) => severity === rank);
      return {
        severity: SEVERITIES[rank] as Severity,
        cves: own?.cves ?? 0,
        findings: sums.findings[rank] ?? 0,
        images: sums.images[rank] ?? 0,
        fixable: own?.fixable ?? 0,
      };
    }).reverse(),
    since: { from: from.toISOString(), ...since },
    upgrades: upgrades.map((row: FleetRow) => fleetToWire(row)),
    riskiest,
    unreadable,
    decisions,
    feeds: feedSummary(feeds, matcher.knownSets(), sets),
    queue: state.queue ?? { waiting: 0, oldest: null },
  };
}

/** Which images are counted. */
interface ImageFilter {
  readonly where: string;
  readonly values: readonly number[];
}

function imageFilter(all: boolean, label: CountedLabel | undefined): ImageFilter {
  const conditions = [
    ...(all ? [] : ['newest']),
    ...(label === undefined ? [] : ['id in (select image from console_image_label where label = $1)']),
  ];
  return { where: conditions.join(' and ') || 'true', values: label === undefined ? [] : [label.id] };
}

async function imageSums(db: Session, { where, values }: ImageFilter): Promise<ImageSums> {
  const [row] = await db.query<ImageSums>({
    text: `
      select count(*)::int as total, (select count(*)::int from console_image) as manifests,
        count(*) filter (where coverage = 'complete')::int as complete,
        count(*) filter (where coverage = 'incomplete')::int as incomplete,
        count(*) filter (where coverage = 'unchecked')::int as unchecked,
        count(*) filter (where coverage = 'pending')::int as pending,
        count(*) filter (where state = 'IndexError')::int as failed,
        (select count(*)::int from console_image where due is not null) as due,
        count(*) filter (where act_now > 0)::int as act_now,
        array[${COLUMNS.map((name) => `coalesce(sum(${name}), 0)::int`).join(', ')}] as findings,
        array[${COLUMNS.map((name) => `count(*) filter (where ${name} > 0)::int`).join(', ')}] as images
      from console_image where ${where}`,
    values: [...values],
  });
  return row!;
}

interface CveSums {
  readonly severity: number;
  readonly cves: number;
  readonly fixable: number;
  readonly now: number;
}

async function cveSums(db: Session, { from, of }: CveSource): Promise<CveSums[]> {
  return await db.query<CveSums>({
    text: `
      select severity, count(*)::int as cves, sum(${of('fixable')})::int as fixable,
        count(*) filter (where ${ACT_NOW})::int as now
      from ${from} where ${of('images')} > 0 group by severity`,
  });
}

async function topCves(db: Session, source: CveSource): Promise<ListedCve[]> {
  const { from, of } = source;
  return await db.query<ListedCve>({
    text: `
      select ${cveColumns(source)} from ${from}
      where ${of('images')} > 0 and ${ACT_NOW} order by ${of('risk')} desc, c.id desc limit ${TOP.cves}`,
  });
}

/** A change of an image with a label; one that is deleted keeps its labels. */
const LABELLED = `
  and (h.image in (select image from console_image_label where label = $2) or h.labels @> $3::jsonb)`;

async function changesSince(
  db: Session,
  since: Date,
  label: CountedLabel | undefined,
): Promise<Omit<Overview['since'], 'from'>> {
  const { from, of } = cveSource(false, label);
  const [row] = await db.query<{
    added: number;
    images: number;
    withdrawn: number;
    replaced: number;
    deleted: number;
    exploited: string[];
  }>({
    text: `
      select coalesce(sum(new), 0)::int as added, (count(distinct image) filter (where new > 0))::int as images,
        coalesce(sum(gone) filter (where cause = 'feed'), 0)::int as withdrawn,
        coalesce(sum(gone) filter (where cause = 'replaced'), 0)::int as replaced,
        coalesce(sum(gone) filter (where cause = 'deleted'), 0)::int as deleted,
        array(select c.name from ${from} where c.exploited_at > $1 and ${of('images')} > 0 order by ${of('risk')} desc limit 50)
          as exploited
      from console_change h
      where at > $1 ${label === undefined ? '' : LABELLED}`,
    values: label === undefined ? [since] : [since, label.id, label.json],
  });
  const { added, images, withdrawn, replaced, deleted, exploited } = row!;
  return {
    new: { findings: added, images },
    gone: { withdrawn, replaced, deleted },
    newly_exploited: exploited,
  };
}

async function decisionSums(db: Session, now: Date): Promise<Overview['decisions']> {
  const [row] = await db.query<Overview['decisions']>({
    name: 'console-decision-sums',
    text: `
      select count(*) filter (where holds)::int as holding,
        count(*) filter (where holds and until < today + 7)::int as expiring_7d,
        count(*) filter (where not holds)::int as expired,
        count(*) filter (where holds and findings = 0)::int as unused
      from (
        select *, ($1::timestamptz at time zone 'UTC')::date as today,
          until is null or until >= ($1::timestamptz at time zone 'UTC')::date as holds
        from decision where not withdrawn
      ) d`,
    values: [now],
  });
  return row!;
}

async function riskiestImages(db: Session, { where, values }: ImageFilter): Promise<Overview['riskiest']> {
  const rows = await db.query<{
    digest: string;
    name: string | null;
    risk: number | null;
    exploited: number;
    critical: number;
  }>({
    text: `
      select digest, name, risk, exploited, critical from console_image
      where ${where} order by risk_order desc, id desc limit ${TOP.images}`,
    values: [...values],
  });
  return rows.map(({ digest, name, risk, ...counts }) => ({
    image: { digest, name },
    risk: risk === null ? null : shownRisk(risk),
    ...counts,
  }));
}

async function unreadableImages(
  db: Session,
  { where, values }: ImageFilter,
): Promise<Overview['unreadable']> {
  const rows = await db.query<{
    digest: string;
    name: string | null;
    state: string;
    error: string | null;
    indexed: Date | null;
  }>({
    text: `
      select digest, name, state, error, indexed from console_image
      where state = 'IndexError' and ${where} order by indexed desc limit ${TOP.unreadable}`,
    values: [...values],
  });
  return rows.map(({ digest, name, state, error, indexed }) => ({
    image: { digest, name },
    state,
    reason: error ?? '',
    at: indexed?.toISOString() ?? null,
  }));
}
