/** Stores what clients say of a manifest beside its content. */
import type { Database, Session } from '../../db/database.ts';
import type { Digest } from '../../model/digest.ts';

export interface SaidOfManifest {
  /** `registry/repository:tag`. */
  readonly names: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** What made each layer, the base first; undefined: what was said before stays. */
  readonly instructions?: readonly string[] | undefined;
  /** Whether it runs; undefined: what was said before stays. */
  readonly inUse?: boolean | undefined;
}

const MAX_NAMES = 50;
const MAX_LABELS = 20;
/** ms for which it is kept without a manifest. */
const KEPT = 7 * 24 * 3600_000;

/** `repository:tag` in two; a digest behind it is no part of a name. */
export function splitName(text: string): { readonly name: string; readonly tag: string } {
  const bare = text.split('@')[0]!.trim();
  const at = bare.lastIndexOf(':');
  return at > bare.lastIndexOf('/')
    ? { name: bare.slice(0, at), tag: bare.slice(at + 1) }
    : { name: bare, tag: '' };
}

/** What was said before stays: names behind the new ones, labels of other keys. The oldest give way to what is too much. */
export async function saveNames(
  db: Database,
  manifest: Digest,
  said: SaidOfManifest,
  now: Date,
): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.query({
      name: 'add-manifest-about',
      text: 'insert into manifest_about (digest) values ($1) on conflict do nothing',
      values: [manifest],
    });
    const [row] = await tx.query<{ names: StoredName[]; labels: Record<string, string> }>({
      name: 'lock-manifest-about',
      text: 'select names, labels from manifest_about where digest = $1 for update',
      values: [manifest],
    });
    const told = said.names.map((text) => ({ ...splitName(text), at: now.toISOString() }));
    const names = [...told, ...(row?.names ?? [])];
    const unique = [...Map.groupBy(names, ({ name, tag }) => `${name}:${tag}`).values()].map(
      ([newest]) => newest,
    );
    const labels = { ...row?.labels, ...said.labels };
    await tx.query({
      name: 'save-manifest-about',
      text: `
        update manifest_about set names = $2::jsonb, labels = $3::jsonb, instructions = coalesce($4::jsonb, instructions),
          in_use = coalesce($5, in_use), updated = $6
        where digest = $1`,
      values: [
        manifest,
        JSON.stringify(unique.slice(0, MAX_NAMES)),
        JSON.stringify(Object.fromEntries(Object.entries(labels).slice(-MAX_LABELS))),
        said.instructions === undefined ? null : JSON.stringify(said.instructions),
        said.inUse ?? null,
        now,
      ],
    });
  });
}

interface StoredName {
  readonly name: string;
  readonly tag: string;
  readonly at: string;
}

/** Takes names away: all of them, or those of a repository or tag. */
export async function deleteNames(
  db: Database,
  manifest: Digest,
  names: readonly string[] | undefined,
): Promise<void> {
  const split = names?.map(splitName);
  await db.query({
    name: 'delete-manifest-names',
    text: `
      update manifest_about set names = coalesce((
        select jsonb_agg(n order by place)
        from jsonb_array_elements(names) with ordinality as each (n, place)
        where $2::text[] is not null and not exists (
          select from unnest($2::text[], $3::text[]) as d (name, tag)
          where d.name = n ->> 'name' and (d.tag = '' or d.tag = n ->> 'tag'))
      ), '[]')
      where digest = $1`,
    values: [manifest, split?.map(({ name }) => name) ?? null, split?.map(({ tag }) => tag) ?? null],
  });
}

/** A name that is gone: `name` as `splitName` takes it. */
export interface GoneName {
  readonly manifest: Digest;
  readonly name: string;
}

/** Takes names away from manifests that have another: without a name it could not be told what a manifest was. */
export async function deleteGoneNames(tx: Session, gone: readonly GoneName[]): Promise<void> {
  const split = gone.map(({ name }) => splitName(name));
  await tx.query({
    name: 'delete-gone-names',
    text: `
      with gone as (
        select * from unnest($1::text[], $2::text[], $3::text[]) as g (digest, name, tag)
      ), kept as (
        select a.digest, jsonb_agg(n order by place) as names
        from manifest_about a cross join lateral jsonb_array_elements(a.names) with ordinality as each (n, place)
        where a.digest in (select digest from gone) and not exists (
          select from gone g where g.digest = a.digest and g.name = n ->> 'name' and g.tag = n ->> 'tag')
        group by a.digest
      )
      update manifest_about a set names = k.names from kept k where a.digest = k.digest and a.names <> k.names`,
    values: [
      gone.map(({ manifest }) => manifest),
      split.map(({ name }) => name),
      split.map(({ tag }) => tag),
    ],
  });
}

/** Forgets what was said of manifests that never came. */
export async function deleteOldNames(db: Database, now: Date): Promise<void> {
  await db.query({
    name: 'delete-old-manifest-about',
    text: `
      delete from manifest_about a
      where a.updated < $1 and not exists (select from manifest m where m.digest = a.digest)`,
    values: [new Date(now.getTime() - KEPT)],
  });
}
