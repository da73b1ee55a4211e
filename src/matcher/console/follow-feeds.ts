/** Follows the feeds: images whose findings may have changed are due, and what enrichers know is read anew. */
import type { Database, Session } from '../../db/database.ts';
import { likelihoodOf } from '../../model/risk.ts';
import { rankOf } from '../../model/severity.ts';
import { readFacts } from '../shown/facts.ts';
import { factsOf, loadEnrichers, loadFacts } from '../store/load-advisories.ts';
import { countImages, sumPackages } from './store/recount.ts';
import { arrayOf } from './store/save-content.ts';
import { loadState, saveState } from './store/state.ts';

/** Marks images as due that look up what a run has changed; gives how many. */
export async function followRuns(db: Database, now: Date): Promise<number> {
  const state = await loadState(db);
  const feeds = await db.query<{ feed: number; run: number; loaded: boolean }>({
    name: 'console-newest-runs',
    text: `
      select f.id as feed, coalesce((select max(r.id) from feed_run r where r.feed = f.id), 0) as run,
        f.last_success is not null as loaded
      from feed f where f.kind = 'vulnerability' order by f.id`,
  });
  const [bundle] = await db.query<{ id: string }>({
    name: 'console-loaded-bundle',
    text: 'select id from loaded_bundle',
  });
  const loaded = [bundle?.id ?? '', ...feeds.flatMap(({ feed, loaded }) => (loaded ? feed : []))].join(' ');
  // A bundle comes with runs of its own, and nobody knows what it changed.
  const isReplaced = state.loaded !== '' && state.loaded.split(' ')[0] !== (bundle?.id ?? '');
  const changed = feeds.filter(({ feed, run }) => run > (state.runs[feed] ?? 0));
  if (changed.length === 0 && loaded === state.loaded) return 0;
  return await db.transaction(async (tx) => {
    let due = isReplaced ? await markAll(tx, now) : 0;
    // What no feed covered is covered now, perhaps without any finding.
    if (loaded !== state.loaded) due += await markIncomplete(tx, now);
    if (changed.length > 0) due += await markChanged(tx, changed, state.runs, now);
    await saveState(tx, { runs: Object.fromEntries(feeds.map(({ feed, run }) => [feed, run])), loaded });
    return due;
  });
}

async function markAll(tx: Session, now: Date): Promise<number> {
  const rows = await tx.query({
    name: 'console-mark-all',
    text: `update console_image set due = $1 where state = 'IndexFinished' and due is null returning 1`,
    values: [now],
  });
  return rows.length;
}

async function markIncomplete(tx: Session, now: Date): Promise<number> {
  const rows = await tx.query({
    name: 'console-mark-incomplete',
    text: `
      update console_image set due = $1
      where coverage <> 'complete' and state = 'IndexFinished' and due is null returning 1`,
    values: [now],
  });
  return rows.length;
}

async function markChanged(
  tx: Session,
  changed: readonly { feed: number; run: number }[],
  known: Readonly<Record<string, number>>,
  now: Date,
): Promise<number> {
  const rows = await tx.query({
    name: 'console-mark-changed',
    text: `
      with told as (
        select a.scope, a.name
        from unnest($1::int[], $2::bigint[]) as w (feed, run)
        join advisory a on a.feed = w.feed and a.since_run > w.run
        union
        select a.scope, a.name
        from unnest($1::int[], $2::bigint[]) as w (feed, run)
        join advisory a on a.feed = w.feed and a.until_run > w.run and a.until_run is not null
      ), looked as materialized (
        select coalesce(array_agg(distinct l.id), '{}') as ids
        from told t
        join scope s on s.id = t.scope
        join console_lookup l on l.name = t.name and l.scope in (s.key, '')
      )
      update console_image i set due = $3
      from console_content c
      where c.image = i.id and i.due is null and c.lookups && (select ids from looked)
      returning 1`,
    values: [changed.map(({ feed }) => feed), changed.map(({ feed }) => known[feed] ?? 0), now],
  });
  return rows.length;
}

const CVES = 2000;
const IMAGES = 200;

/** Reads what enrichers know of all vulnerabilities that images have, if that has changed. */
export async function followFacts(
  db: Database,
  enrichers: readonly string[],
  now: Date,
  signal: AbortSignal,
): Promise<void> {
  const rows = await loadEnrichers(db, enrichers);
  const facts = rows.map(({ id, state }) => `${id} ${state}`).join('\n');
  if (facts === (await loadState(db)).facts) return;
  const changed: number[] = [];
  for (let last = 0; ; ) {
    signal.throwIfAborted();
    const cves = await db.query<{ id: number; name: string }>({
      name: 'console-cves-after',
      text: `select id, name from console_cve where id > $1 order by id limit ${CVES}`,
      values: [last],
    });
    if (cves.length === 0) break;
    last = cves.at(-1)!.id;
    const found = await loadFacts(
      db,
      cves.map(({ name }) => name),
      rows.map(({ id }) => id),
    );
    const known = new Map(found.map(({ cve, facts }) => [cve, readFacts(factsOf(facts), rows)]));
    const told = cves.flatMap(({ id, name }) => {
      const each = known.get(name);
      // What only the record of a feed knows stays.
      return each === undefined ? [] : { id, ...each };
    });
    changed.push(
      ...(await db.transaction(async (tx) => {
        await markRated(tx, told, now);
        return await saveFacts(tx, told, now);
      })),
    );
  }
  if (changed.length > 0) await sumAnew(db, changed, signal);
  await saveState(db, { facts });
}

interface Told {
  readonly id: number;
  readonly epss?: number;
  readonly exploited: boolean;
  readonly severity?: Parameters<typeof rankOf>[0];
}

async function saveFacts(tx: Session, told: readonly Told[], now: Date): Promise<number[]> {
  const rows = await tx.query<{ id: number }>({
    name: 'console-save-facts',
    text: `
      update console_cve c set epss = n.epss, exploited = n.exploited, likelihood = n.likelihood,
        exploited_at = case when n.exploited and not c.exploited then $5 else c.exploited_at end
      from unnest($1::int[], $2::real[], $3::boolean[], $4::real[]) as n (id, epss, exploited, likelihood)
      where c.id = n.id and (c.epss, c.exploited) is distinct from (n.epss, n.exploited)
      returning c.id`,
    values: [
      told.map(({ id }) => id),
      told.map(({ epss }) => epss ?? null),
      told.map(({ exploited }) => exploited),
      told.map(({ epss, exploited }) => likelihoodOf({ ...(epss !== undefined && { epss }), exploited })),
      now,
    ],
  });
  return rows.map(({ id }) => id);
}

/** The NVD rates what no feed does: where it has changed its mind, findings have another severity. */
async function markRated(tx: Session, told: readonly Told[], now: Date): Promise<void> {
  const rated = told.filter(({ severity }) => severity !== undefined);
  await tx.query({
    name: 'console-mark-rated',
    text: `
      with other as materialized (
        select coalesce(array_agg(f.id), '{}') as ids
        from unnest($1::int[], $2::int[]) as n (cve, severity)
        join console_finding f on f.cve = n.cve
        where (f.severity_source = 'NVD' and f.severity <> n.severity) or (f.severity = 0 and n.severity > 0)
      )
      update console_image i set due = $3
      from console_content c
      where c.image = i.id and i.due is null and (select ids from other) <> '{}'
        and c.findings && (select ids from other)`,
    values: [rated.map(({ id }) => id), rated.map(({ severity }) => rankOf(severity!)), now],
  });
}

async function sumAnew(db: Database, cves: readonly number[], signal: AbortSignal): Promise<void> {
  const packages = await db.query<{ package: number }>({
    name: 'console-packages-of-cves',
    text: 'select distinct package from console_unit where cve = any ($1::int[])',
    values: [arrayOf(cves)],
  });
  await db.transaction((tx) =>
    sumPackages(
      tx,
      packages.map((row) => row.package),
    ),
  );
  for (let last = 0; ; ) {
    signal.throwIfAborted();
    const images = await db.query<{ id: number }>({
      name: 'console-images-after',
      text: `select id from console_image where id > $1 order by id limit ${IMAGES}`,
      values: [last],
    });
    if (images.length === 0) return;
    last = images.at(-1)!.id;
    await db.transaction((tx) =>
      countImages(
        tx,
        images.map(({ id }) => id),
      ),
    );
  }
}
