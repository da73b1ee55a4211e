/** One vulnerability: what feeds say of it, how many images have it, and since when. */
import type { Session } from '../../../db/database.ts';
import type { ConsoleCveDetail } from '../../../model/api/console/types.ts';
import { SEVERITIES } from '../../../model/severity.ts';
import { namesLike } from '../../findings/explain.ts';
import { fixedVersionOf } from '../../shown/fixes.ts';
import { statesOf } from './cve-states.ts';
import { cveColumns, cveSource, cveToWire, type ListedCve } from './list-cves.ts';

const FEEDS = 200;
const LINKS = 50;

interface DocRow {
  readonly feed: string;
  readonly scope: string;
  readonly name: string;
  readonly severity: number;
  readonly package: string;
  readonly fixed_in_version: string;
  readonly asserts_unaffected: boolean;
  readonly wire: string;
}

/** By its id or an alias, in any case; undefined: neither an image nor a feed knows it. */
export async function loadCve(db: Session, asked: string): Promise<ConsoleCveDetail | undefined> {
  const row = await findCve(db, asked);
  const names = await namesLike(db, row?.name ?? asked.toUpperCase());
  const docs = await loadDocs(db, [...new Set([...names, asked])]);
  if (row === undefined && docs.length === 0) return undefined;
  const base = row === undefined ? unseen(asked, names, docs) : cveToWire(row);
  const facts = await loadRecords(db, base.id);
  const [first] = docs;
  const text = first === undefined ? undefined : readWire(first.wire);
  return {
    ...base,
    epss: facts.epss ?? base.epss,
    description: text?.description ?? '',
    description_source: first?.feed ?? null,
    links: linksOf(docs),
    kev: facts.kev,
    feeds: docs.map((doc) => ({
      feed: doc.feed,
      scope: doc.scope,
      name: doc.name,
      severity: SEVERITIES[doc.severity] ?? 'Unknown',
      package: doc.package,
      fixed_in: fixedVersionOf(doc.fixed_in_version, doc.feed) || null,
      affected: !doc.asserts_unaffected,
    })),
    states: row === undefined ? { affected: 0, not_affected: 0, unknown: 0 } : await statesOf(db, row.id),
    upgrade: row === undefined ? [] : await loadUpgradesOf(db, row.id),
    timeline: row === undefined ? [] : await loadTimeline(db, row),
  };
}

export async function findCve(db: Session, asked: string): Promise<ListedCve | undefined> {
  const [row] = await db.query<ListedCve>({
    name: 'console-find-cve',
    text: `
      select ${cveColumns(cveSource(false, undefined))} from console_cve c
      where c.id = (
        select id from console_cve
        where name = any ($1::text[]) or aliases && $1::text[]
        order by name = any ($1::text[]) desc, images_all desc limit 1)`,
    values: [[...new Set([asked, asked.toUpperCase()])]],
  });
  return row;
}

/** One that feeds know, and no image has. */
function unseen(
  asked: string,
  names: readonly string[],
  docs: readonly DocRow[],
): ReturnType<typeof cveToWire> {
  const [first] = docs;
  const id = names.find((name) => name.startsWith('CVE-')) ?? first?.name ?? asked;
  const worst = Math.max(0, ...docs.map(({ severity }) => severity));
  return cveToWire({
    id: 0,
    name: id,
    aliases: names.filter((name) => name !== id && name !== ''),
    title: (first && readWire(first.wire).description.split(/(?<=[.!?])\s|\n/, 1)[0]) ?? '',
    severity: worst,
    ...{ cvss: null, cvss_vector: null, cvss_source: null, epss: null, exploited: false },
    ...{ images: 0, findings: 0, fixable: 0, risk: 0, first_seen: new Date(0), packages: [], fixed_in: null },
  });
}

async function loadDocs(db: Session, names: readonly string[]): Promise<DocRow[]> {
  return await db.query<DocRow>({
    name: 'console-load-docs',
    text: `
      select f.name as feed, s.key as scope, d.name, d.severity, coalesce(a.shown_name, a.name) as package,
        a.fixed_in_version, a.asserts_unaffected, d.wire
      from advisory_doc d
      join advisory a on a.doc = d.id and a.until_run is null
      join feed f on f.id = a.feed
      join scope s on s.id = a.scope
      where d.name = any ($1::text[])
      order by d.severity desc, f.name, s.key, a.id
      limit ${FEEDS}`,
    values: [names],
  });
}

function readWire(wire: string): { readonly description: string; readonly links: string } {
  const { description = '', links = '' } = JSON.parse(`{${wire}}`) as {
    description?: string;
    links?: string;
  };
  return { description, links };
}

/** Of http and https only: what advisories say is not of ours. */
function linksOf(docs: readonly DocRow[]): string[] {
  const links = docs.flatMap(({ wire }) => readWire(wire).links.split(/\s+/));
  return [...new Set(links.filter((link) => /^https?:\/\/[^\s]+$/i.test(link)))].slice(0, LINKS);
}

const KEV = 'clair.kev';
const EPSS = 'clair.epss';

async function loadRecords(db: Session, cve: string): Promise<Pick<ConsoleCveDetail, 'kev' | 'epss'>> {
  const rows = /^CVE-\d{4}-\d{4,}$/.test(cve)
    ? await db.query<{ name: string; data: string }>({
        name: 'console-load-records',
        text: 'select f.name, e.data from enrichments_of($1) e join feed f on f.id = e.feed',
        values: [cve],
      })
    : [];
  const recordOf = (name: string): Record<string, unknown> | undefined => {
    const found = rows.find((row) => row.name === name);
    return found && (JSON.parse(found.data) as Record<string, unknown>);
  };
  const [kev, epss] = [recordOf(KEV), recordOf(EPSS)];
  const textOf = (value: unknown): string | null =>
    typeof value === 'string' && value !== '' ? value : null;
  return {
    kev:
      kev === undefined
        ? null
        : {
            added: textOf(kev.date_added),
            due: textOf(kev.due_date),
            ransomware: /^known$/i.test(textOf(kev.known_ransomware_campaign_use) ?? ''),
          },
    epss:
      typeof epss?.epss === 'number'
        ? { score: epss.epss, percentile: typeof epss.percentile === 'number' ? epss.percentile : null }
        : null,
  };
}

async function loadUpgradesOf(db: Session, cve: number): Promise<ConsoleCveDetail['upgrade']> {
  return await db.query({
    name: 'console-upgrades-of-cve',
    text: `
      select p.type, p.name as package, f.version, u.findings as images
      from console_unit u
      join console_package p on p.id = u.package
      cross join lateral (
        select fixes[cardinality(fixes)] as version from console_finding
        where cve = u.cve and package = u.package and fixes <> '{}' order by id desc limit 1
      ) f
      where u.cve = $1 order by u.weight desc limit 10`,
    values: [cve],
  });
}

async function loadTimeline(db: Session, row: ListedCve): Promise<ConsoleCveDetail['timeline']> {
  const events = await db.query<{ at: Date; what: string; images: number; by: string | null }>({
    name: 'console-timeline',
    text: `
      with found as materialized (select array_agg(id) as ids from console_finding where cve = $1)
      select first_seen as at, 'first_seen' as what, 0 as images, null as by from console_cve where id = $1
      union all
      select exploited_at, 'kev', 0, null from console_cve where id = $1 and exploited_at is not null
      union all
      select date_trunc('day', at), 'found', count(distinct image)::int, null from console_change
      where cause = 'feed' and came && (select ids from found) group by 1
      union all
      select date_trunc('day', at), 'gone', count(distinct image)::int, null from console_change
      where cause = 'feed' and went && (select ids from found) and not came && (select ids from found) group by 1
      union all
      select e.at, case when e.action = 'withdrawn' then 'withdrawn' else 'decided' end, d.images, e.made_by
      from decision d join decision_event e on e.decision = d.id where d.cve = $2
      order by 1 desc limit 100`,
    values: [row.id, row.name],
  });
  return events.map(({ at, what, images, by }) => ({
    at: at.toISOString(),
    what: what as ConsoleCveDetail['timeline'][number]['what'],
    images,
    by,
  }));
}
