/** Stores what images share: packages, components, vulnerabilities, findings and lookups, each once. */
import type { Session } from '../../../db/database.ts';
import { likelihoodOf } from '../../../model/risk.ts';
import type { ComponentRow, CveRow, FindingRow, ImageRows } from '../image-rows.ts';
import { termsOf } from '../terms.ts';

/** Their numbers, by digest, name, or scope and name with a NUL between. */
export interface SharedIds {
  readonly components: ReadonlyMap<string, number>;
  readonly findings: ReadonlyMap<string, number>;
  readonly lookups: ReadonlyMap<string, number>;
}

type Shared = Pick<ImageRows, 'components' | 'cves' | 'findings' | 'lookups'>;

/** One writer at a time. */
export async function saveShared(tx: Session, rows: Shared, now: Date): Promise<SharedIds> {
  const components = await saveComponents(tx, rows.components);
  const cves = await saveCves(tx, rows.cves, now);
  return {
    components: new Map([...components].map(([digest, { id }]) => [digest, id])),
    findings: await saveFindings(tx, rows.findings, components, cves, now),
    lookups: await saveLookups(tx, rows.lookups),
  };
}

interface SavedComponent {
  readonly id: number;
  readonly package: number;
}

async function saveComponents(
  tx: Session,
  rows: readonly ComponentRow[],
): Promise<ReadonlyMap<string, SavedComponent>> {
  const digests = rows.map(({ digest }) => digest);
  const known = await loadComponents(tx, digests);
  const missing = rows.filter(({ digest }) => !known.has(digest));
  if (missing.length === 0) return known;
  const packages = [...new Map(missing.map((row) => [`${row.type}\0${row.source}`, row])).values()];
  await tx.query({
    name: 'console-save-packages',
    text: `
      insert into console_package (type, name, words)
      select type, name, array_to_tsvector(string_to_array(words, ' '))
      from unnest($1::text[], $2::text[], $3::text[]) as n (type, name, words)
      on conflict (type, name) do nothing`,
    values: [
      packages.map(({ type }) => type),
      packages.map(({ source }) => source),
      packages.map(({ type, source }) => termsOf([source, type]).join(' ')),
    ],
  });
  await tx.query({
    name: 'console-save-components',
    text: `
      insert into console_component (digest, package, name, version, purl)
      select decode(n.digest, 'hex'), p.id, n.name, n.version, n.purl
      from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
        as n (digest, type, source, name, version, purl)
      join console_package p on p.type = n.type and p.name = n.source
      on conflict (digest) do nothing`,
    values: [
      missing.map(({ digest }) => digest),
      missing.map(({ type }) => type),
      missing.map(({ source }) => source),
      missing.map(({ name }) => name),
      missing.map(({ version }) => version),
      missing.map(({ purl }) => purl),
    ],
  });
  return await loadComponents(tx, digests);
}

async function loadComponents(tx: Session, digests: readonly string[]): Promise<Map<string, SavedComponent>> {
  const rows = await tx.query<SavedComponent & { digest: string }>({
    name: 'console-load-components',
    text: `
      select encode(digest, 'hex') as digest, id, package
      from console_component where digest = any (select decode(d, 'hex') from unnest($1::text[]) d)`,
    values: [digests],
  });
  return new Map(rows.map((row) => [row.digest, row]));
}

async function saveCves(
  tx: Session,
  rows: readonly CveRow[],
  now: Date,
): Promise<ReadonlyMap<string, number>> {
  const saved = await tx.query<{ id: number; name: string }>({
    name: 'console-save-cves',
    text: `
      insert into console_cve as c (name, aliases, title, severity, cvss, cvss_vector, cvss_source, epss, exploited,
        likelihood, first_seen, words)
      select name, string_to_array(aliases, ' '), title, severity, cvss, cvss_vector, cvss_source, epss, exploited,
        likelihood, $12, array_to_tsvector(string_to_array(words, ' '))
      from unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::real[], $6::text[], $7::text[], $8::real[],
        $9::boolean[], $10::real[], $11::text[])
        as n (name, aliases, title, severity, cvss, cvss_vector, cvss_source, epss, exploited, likelihood, words)
      on conflict (name) do update set
        aliases = excluded.aliases, severity = greatest(c.severity, excluded.severity), cvss = excluded.cvss,
        cvss_vector = excluded.cvss_vector, cvss_source = excluded.cvss_source, epss = excluded.epss,
        exploited_at = case when excluded.exploited and not c.exploited then $12 else c.exploited_at end,
        exploited = excluded.exploited, likelihood = excluded.likelihood, words = c.words || excluded.words
      where (c.aliases, c.cvss, c.epss, c.exploited) is distinct from
        (excluded.aliases, excluded.cvss, excluded.epss, excluded.exploited)
        or c.severity < excluded.severity or tsvector_to_array(excluded.words) <@ tsvector_to_array(c.words) is false
      returning id, name`,
    values: [
      rows.map(({ name }) => name),
      rows.map(({ aliases }) => aliases.join(' ')),
      rows.map(({ title }) => title),
      rows.map(({ severity }) => severity),
      rows.map(({ cvss }) => cvss),
      rows.map(({ cvssVector }) => cvssVector),
      rows.map(({ cvssSource }) => cvssSource),
      rows.map(({ epss }) => epss),
      rows.map(({ exploited }) => exploited),
      rows.map(({ epss, exploited }) => likelihoodOf({ ...(epss !== null && { epss }), exploited })),
      rows.map(({ terms }) => terms.join(' ')),
      now,
    ],
  });
  const known = new Map(saved.map(({ id, name }) => [name, id]));
  const rest = rows.map(({ name }) => name).filter((name) => !known.has(name));
  const others = await tx.query<{ id: number; name: string }>({
    name: 'console-cve-ids',
    text: 'select id, name from console_cve where name = any ($1::text[])',
    values: [rest],
  });
  for (const { id, name } of others) known.set(name, id);
  return known;
}

async function saveFindings(
  tx: Session,
  rows: readonly FindingRow[],
  components: ReadonlyMap<string, SavedComponent>,
  cves: ReadonlyMap<string, number>,
  now: Date,
): Promise<ReadonlyMap<string, number>> {
  const digests = rows.map(({ digest }) => digest);
  const known = await loadFindings(tx, digests);
  const missing = rows.filter(({ digest }) => !known.has(digest));
  if (missing.length === 0) return known;
  await tx.query({
    name: 'console-save-findings',
    text: `
      insert into console_finding (digest, cve, package, component, severity, severity_source, impact, fixes, undecided,
        feed, linked, since)
      select decode(n.digest, 'hex'), n.cve, n.package, n.component, n.severity, n.source, n.impact,
        array(select jsonb_array_elements_text(n.fixes::jsonb)), n.undecided, n.feed, n.linked,
        -- Another severity or fix makes another row of what is known since then.
        coalesce((select min(f.since) from console_finding f where f.cve = n.cve and f.component = n.component), $12)
      from unnest($1::text[], $2::int[], $3::int[], $4::int[], $5::int[], $6::text[], $7::real[], $8::text[],
        $9::boolean[], $10::text[], $11::text[])
        as n (digest, cve, package, component, severity, source, impact, fixes, undecided, feed, linked)
      on conflict (digest) do nothing`,
    values: [
      missing.map(({ digest }) => digest),
      missing.map(({ cve }) => cves.get(cve)),
      missing.map(({ component }) => components.get(component)?.package),
      missing.map(({ component }) => components.get(component)?.id),
      missing.map(({ severity }) => severity),
      missing.map(({ severitySource }) => severitySource),
      missing.map(({ impact }) => impact),
      missing.map(({ fixes }) => JSON.stringify(fixes)),
      missing.map(({ undecided }) => undecided),
      missing.map(({ feed }) => feed),
      missing.map(({ linked }) => linked ?? null),
      now,
    ],
  });
  return await loadFindings(tx, digests);
}

async function loadFindings(tx: Session, digests: readonly string[]): Promise<Map<string, number>> {
  const rows = await tx.query<{ id: number; digest: string }>({
    name: 'console-load-findings',
    text: `
      select encode(digest, 'hex') as digest, id
      from console_finding where digest = any (select decode(d, 'hex') from unnest($1::text[]) d)`,
    values: [digests],
  });
  return new Map(rows.map(({ id, digest }) => [digest, id]));
}

async function saveLookups(tx: Session, rows: ImageRows['lookups']): Promise<ReadonlyMap<string, number>> {
  const values = [rows.map(([scope]) => scope), rows.map(([, name]) => name)];
  await tx.query({
    name: 'console-save-lookups',
    text: `
      insert into console_lookup (scope, name)
      select w.scope, w.name from unnest($1::text[], $2::text[]) as w (scope, name)
      where not exists (select from console_lookup l where l.name = w.name and l.scope = w.scope)
      on conflict (name, scope) do nothing`,
    values,
  });
  const saved = await tx.query<{ id: number; scope: string; name: string }>({
    name: 'console-load-lookups',
    text: `
      select l.id, l.scope, l.name
      from unnest($1::text[], $2::text[]) as w (scope, name)
      join console_lookup l on l.name = w.name and l.scope = w.scope`,
    values,
  });
  return new Map(saved.map(({ id, scope, name }) => [`${scope}\0${name}`, id]));
}
