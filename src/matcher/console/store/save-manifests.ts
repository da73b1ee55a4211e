/** Stores what the indexer tells of manifests: which there are, their names and labels; deleted ones go with all they have. */

import { createHash } from 'node:crypto';
import type { Transaction } from '../../../db/database.ts';
import type { ManifestChange } from '../../../model/manifest-changes.ts';
import { termsOf } from '../terms.ts';
import { applyDecisions } from './apply-decisions.ts';
import { saveLabels } from './labels.ts';
import { recounted } from './recount.ts';

/** The digest by which images are found that begin with the same layers. */
export function chainOf(layers: readonly string[]): Buffer | null {
  if (layers.length === 0) return null;
  return createHash('sha256').update(layers.join('\n')).digest().subarray(0, 16);
}

export async function saveManifest(tx: Transaction, change: ManifestChange, now: Date): Promise<void> {
  const [known] = await tx.query<{ id: number; version: string; layers: string[]; indexed: Date | null }>({
    name: 'console-known-image',
    text: 'select id, version, layers, indexed from console_image where digest = $1',
    values: [change.digest],
  });
  if (known?.version === change.version) return;
  if (change.gone) {
    if (known !== undefined) await forget(tx, known.id, now);
    return;
  }
  const isAnew =
    known === undefined ||
    known.indexed?.toISOString() !== change.indexed ||
    known.layers.join() !== change.layers.join();
  const image = known?.id ?? (await insertImage(tx, change));
  const repositories = [...new Set(change.names.map(({ name }) => name))];
  const images = await withPeers(tx, image, repositories);
  // Names decide which image is the newest of a repository, and with labels which decisions are about it and where it counts.
  await recounted(tx, images, async () => {
    await saveLabels(tx, change.labels, now);
    await updateImage(tx, image, change, isAnew && change.state === 'IndexFinished' ? now : null);
    await saveRepositories(tx, image, change);
    await tellNewest(tx, images, now);
    await applyDecisions(tx, [image], now);
  });
}

async function insertImage(tx: Transaction, { digest }: ManifestChange): Promise<number> {
  const [row] = await tx.query<{ id: number }>({
    name: 'console-insert-image',
    text: 'insert into console_image (digest) values ($1) returning id',
    values: [digest],
  });
  return row!.id;
}

async function updateImage(
  tx: Transaction,
  image: number,
  change: ManifestChange,
  due: Date | null,
): Promise<void> {
  const [newest] = change.names;
  const words = [change.digest, ...change.names.map(nameOf), ...Object.entries(change.labels).flat()];
  await tx.query({
    name: 'console-update-image',
    text: `
      update console_image i set version = $2, state = $3, error = $4, indexed = $5::timestamptz, layers = $6::text[],
        chain = $7, name = $8, names = $9::jsonb, labels = $10::jsonb, instructions = $11::jsonb, in_use = $12,
        words = array_to_tsvector(string_to_array($13, ' ')), due = coalesce($14::timestamptz, i.due),
        coverage = case when $3 = 'IndexError' and i.matched is null then 'unchecked' else i.coverage end
      where id = $1`,
    values: [
      image,
      change.version,
      change.state,
      change.error,
      change.indexed,
      change.layers,
      chainOf(change.layers),
      newest === undefined ? null : nameOf(newest),
      JSON.stringify(change.names),
      JSON.stringify(change.labels),
      change.instructions === null ? null : JSON.stringify(change.instructions),
      change.in_use,
      termsOf(words).join(' '),
      due,
    ],
  });
}

const nameOf = ({ name, tag }: { name: string; tag: string }): string =>
  tag === '' ? name : `${name}:${tag}`;

async function saveRepositories(tx: Transaction, image: number, { names }: ManifestChange): Promise<void> {
  await tx.query({
    name: 'console-delete-repositories',
    text: 'delete from console_repository where image = $1',
    values: [image],
  });
  await tx.query({
    name: 'console-save-repositories',
    text: `
      insert into console_repository (name, image, tag, at)
      select name, $1, tag, at from unnest($2::text[], $3::text[], $4::timestamptz[]) as n (name, tag, at)
      on conflict do nothing`,
    values: [image, names.map(({ name }) => name), names.map(({ tag }) => tag), names.map(({ at }) => at)],
  });
}

/** The image, and those whose being the newest depends on it. */
async function withPeers(tx: Transaction, image: number, repositories: readonly string[]): Promise<number[]> {
  const rows = await tx.query<{ image: number }>({
    name: 'console-peers',
    text: `
      select distinct top.image
      from (
        select name from console_repository where image = $1 union select unnest($2::text[])
      ) own
      cross join lateral (
        select r.image from console_repository r where r.name = own.name and r.image <> $1
        order by r.at desc, r.image desc limit 2
      ) top`,
    values: [image, repositories],
  });
  return [image, ...rows.map((row) => row.image)];
}

async function tellNewest(tx: Transaction, images: readonly number[], now: Date): Promise<void> {
  await tx.query({
    name: 'console-tell-newest',
    text: `
      with told as (
        select i.id, i.newest as was,
          not exists (select from console_repository r where r.image = i.id)
          or exists (
            select from console_repository r
            where r.image = i.id and not exists (
              select from console_repository o
              where o.name = r.name and o.image <> r.image and (o.at, o.image) > (r.at, r.image))) as newest
        from console_image i where i.id = any ($1::int[])
      ), replaced as (
        insert into console_change (image, at, cause, came, went, new, gone)
        select t.id, $2, 'replaced', '{}', '{}', 0, cardinality(c.findings)
        from told t join console_content c on c.image = t.id
        where t.was and not t.newest and c.findings <> '{}'
      )
      update console_image i set newest = t.newest from told t where t.id = i.id and i.newest <> t.newest`,
    values: [images, now],
  });
}

async function forget(tx: Transaction, image: number, now: Date): Promise<void> {
  const images = await withPeers(tx, image, []);
  await recounted(tx, images, async () => {
    await tx.query({
      name: 'console-forget-content',
      text: `
        with gone as (
          delete from console_content where image = $1 returning findings
        ), lost as (
          update console_cve c set severity_due = true
          from gone cross join lateral unnest(gone.findings) as own (id) join console_finding f on f.id = own.id
          where c.id = f.cve and f.severity >= c.severity and not c.severity_due
        )
        insert into console_change (image, at, cause, came, went, new, gone, labels)
        select $1, $2, 'deleted', '{}', '{}', 0, cardinality(g.findings), i.labels
        from gone g join console_image i on i.id = $1 where g.findings <> '{}'`,
      values: [image, now],
    });
    await tx.query({
      name: 'console-delete-repositories',
      text: 'delete from console_repository where image = $1',
      values: [image],
    });
    await tellNewest(
      tx,
      images.filter((each) => each !== image),
      now,
    );
    await tx.query({
      name: 'console-forget-image',
      text: 'delete from console_image where id = $1',
      values: [image],
    });
  });
}
