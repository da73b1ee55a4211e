/**
 * Stores the lookups of a manifest: each lookup once, and their ids in one row for the manifest, or in sets that the row names. The
 * tables have older names: `finding`, `manifest_finding`.
 */
import { hash } from 'node:crypto';
import type { Lookup } from '../../contract/lookup.ts';
import type { Session } from '../../db/database.ts';
import type { Digest } from '../../model/digest.ts';
import { ascending, IN_SETS, splitLookups } from './lookup-sets.ts';

/**
 * Advisory lock, held shared while lookups are referenced. Only release 0.2 takes it exclusively, to delete unreferenced lookups
 * (this release: sweep-orphans.ts). It is needed as long as replicas of 0.2 can be running.
 */
const LOOKUP_LOCK = `hashtextextended('finding', 0)`;

/** Bytes. */
const NAME_LIMIT = 1024;

/** A lookup with the key of its version. */
export interface KeyedLookup {
  readonly lookup: Lookup;
  /** Hexadecimal: a quarter of the memory of a Buffer, and very many are remembered. undefined: the version has none. */
  readonly key: string | undefined;
  /** Of both: what its row is found by. */
  readonly digest: string;
}

/** The lookups of a manifest. */
export interface ManifestLookups {
  readonly manifest: Digest;
  readonly lookups: readonly KeyedLookup[];
  /** By position in `lookups`: the layers that have introduced the packages. Only sets need them. */
  readonly layers?: readonly (readonly Digest[])[];
}

/** Returns undefined for a lookup that no advisory answers: its name is longer than any in one, and than an index can hold. */
export function keyedLookup(lookup: Lookup, bytes: Buffer | undefined): KeyedLookup | undefined {
  const { scope, name, kind, module = '', arch = '', version } = lookup;
  if (Buffer.byteLength(name) > NAME_LIMIT || Buffer.byteLength(scope) > NAME_LIMIT) return undefined;
  const key = bytes?.toString('hex');
  const text = JSON.stringify([scope, name, kind, module, arch, version, key ?? null]);
  return { lookup, key, digest: hash('sha256', text, 'hex').slice(0, 32) };
}

/**
 * Replaces the lookups of manifests that have a finished report: in sets if `revision` says so. Call it in the transaction that stores the report, after its
 * first write: the transaction must have its id before it reads lookups (sweep-orphans.ts). One call for all manifests, in one
 * order: two transactions that add the same lookups must not deadlock.
 */
export async function saveLookups(
  tx: Session,
  revision: string,
  manifests: readonly ManifestLookups[],
): Promise<void> {
  await tx.query({ text: `select pg_advisory_xact_lock_shared(${LOOKUP_LOCK})` });
  const wanted = new Map<string, KeyedLookup>();
  for (const { lookups } of manifests) for (const each of lookups) wanted.set(each.digest, each);
  const known = await loadIds(tx, [...wanted.keys()]);
  for (;;) {
    const missing = [...wanted].filter(([digest]) => !known.has(digest));
    if (missing.length === 0) break;
    await addScopes(tx, [...new Set(missing.map(([, { lookup }]) => textOf(lookup.scope)))]);
    await addLookups(tx, missing);
    // One that another transaction has added meanwhile may be hidden by now: it is added again.
    for (const [digest, id] of await loadIds(
      tx,
      missing.map(([digest]) => digest),
    )) {
      known.set(digest, id);
    }
  }
  const idOf = ({ digest }: KeyedLookup) => known.get(digest)!;
  const rows = revision.endsWith(IN_SETS)
    ? await splitLookups(
        tx,
        manifests.map(({ manifest, lookups, layers = [] }) => ({
          manifest,
          lookups: new Map(lookups.map((each, at) => [idOf(each), layers[at] ?? []])),
        })),
      )
    : manifests.map(({ lookups }) => ({ lookups: ascending([...new Set(lookups.map(idOf))]), sets: [] }));
  for (const [at, { lookups, sets }] of rows.entries()) {
    await tx.query({
      name: 'save-findings',
      text: `
        insert into manifest_finding as f (manifest, revision, findings, sets)
        select id, $2, $3::int[], $4::int[] from manifest where digest = $1
        -- Equal lists stay the stored values, so that the index of their 700 numbers needs no new entries.
        on conflict (manifest) do update set revision = excluded.revision,
          findings = case when f.findings = excluded.findings then f.findings else excluded.findings end,
          sets = case when f.sets = excluded.sets then f.sets else excluded.sets end
        where (f.revision, f.findings, f.sets) is distinct from (excluded.revision, excluded.findings, excluded.sets)`,
      // As texts: the driver escapes each number of an array.
      values: [manifests[at]!.manifest, revision, `{${lookups.join()}}`, `{${sets.join()}}`],
    });
  }
}

/** Deletes the lookups of a manifest that no longer has a finished report. */
export async function dropLookups(tx: Session, manifest: Digest): Promise<void> {
  await tx.query({
    name: 'drop-findings',
    text: 'delete from manifest_finding where manifest = (select id from manifest where digest = $1)',
    values: [manifest],
  });
}

/** Returns `text` without NUL, which PostgreSQL's text type cannot hold: one such name must not fail an image. */
function textOf(text: string): string {
  return text.replaceAll('\0', '\uFFFD');
}

/**
 * One row with all ids: hundreds of rows for each manifest took a third of the CPU of a refill. A question to the index for each digest, whatever the
 * planner believes: without statistics it compared all lookups with a list of thousands, which took 80 ms for each manifest.
 */
async function loadIds(tx: Session, digests: readonly string[]): Promise<Map<string, number>> {
  const [row] = await tx.query<{ ids: string }>({
    name: 'load-finding-ids',
    text: `
      select coalesce(string_agg(coalesce(known.id::text, ''), ',' order by known.at), '') as ids
      from (
        select (select f.id from finding f where f.digest = wanted.digest) as id, wanted.at
        from unnest($1::bytea[]) with ordinality as wanted (digest, at)) known`,
    values: [arrayOf(digests)],
  });
  const ids = row!.ids.split(',');
  const found = new Map<string, number>();
  for (const [at, digest] of digests.entries()) if (ids[at]) found.set(digest, Number(ids[at]));
  return found;
}

/** Digests as an array of `bytea` in PostgreSQL's text form. */
function arrayOf(digests: readonly string[]): string {
  return `{${digests.map((digest) => `"\\\\x${digest}"`).join(',')}}`;
}

async function addScopes(tx: Session, keys: readonly string[]): Promise<void> {
  await tx.query({
    name: 'add-finding-scopes',
    text: `
      insert into finding_scope (key)
      select key from unnest($1::text[]) as s (key)
      where not exists (select from finding_scope known where known.key = s.key)
      order by key on conflict do nothing`,
    values: [keys],
  });
}

/** Adds lookups in the order of their digests: concurrent transactions that share some must not deadlock. */
async function addLookups(
  tx: Session,
  missing: readonly (readonly [digest: string, KeyedLookup])[],
): Promise<void> {
  const lookups = missing.map(([, { lookup }]) => lookup);
  await tx.query({
    name: 'add-findings',
    text: `
      insert into finding (digest, scope, name, kind, module, arch, version, key)
      select f.digest, s.id, f.name, f.kind, f.module, f.arch, f.version, f.key
      from unnest($1::bytea[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bytea[])
        as f (digest, scope, name, kind, module, arch, version, key)
      join finding_scope s on s.key = f.scope
      order by f.digest on conflict do nothing`,
    values: [
      arrayOf(missing.map(([digest]) => digest)),
      lookups.map(({ scope }) => textOf(scope)),
      lookups.map(({ name }) => textOf(name)),
      lookups.map(({ kind }) => kind),
      lookups.map(({ module = '' }) => textOf(module)),
      lookups.map(({ arch }) => (arch ? textOf(arch) : undefined)),
      lookups.map(({ version }) => textOf(version)),
      missing.map(([, { key }]) => (key === undefined ? undefined : `\\x${key}`)),
    ],
  });
}
