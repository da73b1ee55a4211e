/** Stores what was found in images, in place of what was found before. */
import type { Transaction } from '../../../db/database.ts';
import type { ImageRows } from '../image-rows.ts';
import { applyDecisions } from './apply-decisions.ts';
import { lockCounts, recounted } from './recount.ts';
import { saveShared } from './save-shared.ts';

export interface FilledImage {
  readonly id: number;
  readonly rows: ImageRows;
}

/** All of them at once: images that are alike change the same counts. */
export async function saveContents(
  tx: Transaction,
  filled: readonly FilledImage[],
  now: Date,
): Promise<void> {
  await lockCounts(tx);
  const shared = await saveShared(
    tx,
    {
      components: unique(filled.flatMap(({ rows }) => rows.components)),
      cves: joined(filled.flatMap(({ rows }) => rows.cves)),
      findings: unique(filled.flatMap(({ rows }) => rows.findings)),
      lookups: [
        ...new Map(
          filled.flatMap(({ rows }) => rows.lookups).map((each) => [each.join('\0'), each]),
        ).values(),
      ],
    },
    now,
  );
  const images = filled.map(({ id }) => id);
  await recounted(tx, images, async () => {
    for (const { id, rows } of filled) {
      const found = rows.found
        .map(({ digest, place }) => ({ id: shared.findings.get(digest)!, place }))
        .sort((a, b) => a.id - b.id || a.place - b.place);
      const findings = found.map((each) => each.id);
      await saveChange(tx, id, findings, now);
      await tx.query({
        name: 'console-save-content',
        text: `
          insert into console_content (image, findings, finding_places, components, lookups, places, ledger, unchecked)
          values ($1, $2::int[], $3::smallint[], $4::int[], $5::int[], $6::jsonb, $7::jsonb, $8::int[])
          on conflict (image) do update set findings = excluded.findings, finding_places = excluded.finding_places,
            components = excluded.components, lookups = excluded.lookups, places = excluded.places, ledger = excluded.ledger,
            unchecked = excluded.unchecked`,
        values: [
          id,
          arrayOf(findings),
          arrayOf(found.map(({ place }) => place)),
          arrayOf(sorted(rows.components.map(({ digest }) => shared.components.get(digest)!))),
          arrayOf(sorted(rows.lookups.map((each) => shared.lookups.get(each.join('\0'))!))),
          JSON.stringify(rows.places),
          JSON.stringify(rows.ledger),
          arrayOf(sorted(rows.unchecked.map((digest) => shared.components.get(digest)!))),
        ],
      });
      const { packages, checked, state } = rows.ledger;
      await tx.query({
        name: 'console-fill-image',
        text: `
          update console_image set packages = $2, checked = $3, coverage = $4, distribution = $5, due = null, failures = 0,
            matched = $6, feeds = $7::text[]
          where id = $1`,
        values: [
          ...[id, packages, checked, state, rows.distribution, now],
          [...new Set(rows.ledger.lines.flatMap(({ feeds }) => feeds))].sort(),
        ],
      });
    }
    await applyDecisions(tx, images, now);
  });
}

/** Says what came and went; nothing where nothing did. */
async function saveChange(
  tx: Transaction,
  image: number,
  findings: readonly number[],
  now: Date,
): Promise<void> {
  await tx.query({
    name: 'console-save-change',
    text: `
      with before as (
        select findings from console_content where image = $1
      ), came as (
        select id from unnest($2::int[]) as id except select unnest(findings) from before
      ), went as (
        select unnest(findings) as id from before except select unnest($2::int[])
      ), told as (
        select array(select id from came order by id) as came, array(select id from went order by id) as went,
          exists (select from before) as known,
          (select count(*)::int from came join console_finding f using (id) where not exists (
            select from went join console_finding o using (id) where (o.cve, o.component) = (f.cve, f.component))) as new,
          (select count(*)::int from went join console_finding f using (id) where not exists (
            select from came join console_finding o using (id) where (o.cve, o.component) = (f.cve, f.component))) as gone
      ), saved as (
        insert into console_change (image, at, cause, came, went, new, gone)
        select $1, $3, case when known then 'feed' else 'indexed' end,
          case when known then came else '{}' end, went, new, gone
        from told where not known or came <> '{}' or went <> '{}'
        returning 1
      ), lost as (
        update console_cve c set severity_due = true
        from went join console_finding f using (id)
        where c.id = f.cve and f.severity >= c.severity and not c.severity_due
      )
      update console_image set changed = $3 where id = $1 and exists (select from saved)`,
    values: [image, arrayOf(findings), now],
  });
}

function unique<T extends { readonly digest: string }>(rows: readonly T[]): T[] {
  return [...new Map(rows.map((row) => [row.digest, row])).values()];
}

/** One row for each vulnerability, however many images have it. */
function joined(rows: ImageRows['cves']): ImageRows['cves'] {
  const byName = new Map<string, ImageRows['cves'][number]>();
  for (const row of rows) {
    const known = byName.get(row.name);
    byName.set(row.name, {
      ...row,
      severity: Math.max(row.severity, known?.severity ?? 0),
      terms: [...new Set([...(known?.terms ?? []), ...row.terms])],
    });
  }
  return [...byName.values()];
}

const sorted = (ids: readonly number[]): number[] => [...ids].sort((a, b) => a - b);

/** As PostgreSQL writes it: the driver would look at each. */
export function arrayOf(numbers: readonly number[]): string {
  return `{${numbers.join(',')}}`;
}
