/**
 * Stores the lookups of a manifest: each lookup once, and their ids in one row for the manifest, or in sets that the row names. The
 * tables have older names: `finding`, `manifest_finding`.
 */
import { hash } from 'node:crypto';
import type { Lookup } from '../../contract/lookup.ts';
import type { Session } from '../../db/database.ts';
import type { Digest } from '../../model/digest.ts';
import { IN_SETS, splitLookups } from './lookup-sets.ts';

/**
 * Advisory lock, held shared while lookups are referenced. Only release 0.2 takes it exclusively, to delete unreferenced lookups
 * (this release: sweep-orphans.ts). It is needed as long as replicas of 0.2 can be running.
 */
const LOOKUP_LOCK = `hashtextextended('finding', 0)`;

/** A lookup with the key of its version; undefined if the version has none. */
export interface KeyedLookup extends Lookup {
  readonly key: Buffer | undefined;
  /** The layers that have introduced its packages. */
  readonly layers?: readonly Digest[];
}

/** The lookups of a manifest. */
export interface ManifestLookups {
  readonly manifest: Digest;
  readonly lookups: readonly KeyedLookup[];
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
  const all = manifests.map(({ manifest, lookups }) => ({
    manifest,
    own: new Map(lookups.filter(isLookedUp).map((lookup) => [digestOf(lookup), lookup])),
  }));
  const wanted = new Map(all.flatMap(({ own }) => [...own]));
  const known = await loadIds(tx, [...wanted.keys()]);
  for (;;) {
    const missing = [...wanted].filter(([digest]) => !known.has(digest));
    if (missing.length === 0) break;
    await addScopes(tx, [...new Set(missing.map(([, { scope }]) => textOf(scope)))]);
    await addLookups(tx, missing);
    // One that another transaction has added meanwhile may be hidden by now: it is added again.
    for (const [digest, id] of await loadIds(
      tx,
      missing.map(([digest]) => digest),
    )) {
      known.set(digest, id);
    }
  }
  const layered = all.map(({ manifest, own }) => ({
    manifest,
    lookups: new Map([...own].map(([digest, { layers = [] }]) => [known.get(digest)!, layers])),
  }));
  const rows = revision.endsWith(IN_SETS)
    ? await splitLookups(tx, layered)
    : layered.map(({ lookups }) => ({ lookups: [...lookups.keys()].sort((a, b) => a - b), sets: [] }));
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
      values: [all[at]!.manifest, revision, lookups, sets],
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

/** Bytes. No advisory has longer names, and an index cannot hold them. */
const NAME_LIMIT = 1024;

function isLookedUp({ scope, name }: Lookup): boolean {
  return Buffer.byteLength(name) <= NAME_LIMIT && Buffer.byteLength(scope) <= NAME_LIMIT;
}

/** Returns `text` without NUL, which PostgreSQL's text type cannot hold: one such name must not fail an image. */
function textOf(text: string): string {
  return text.replaceAll('\0', '\uFFFD');
}

function digestOf({ scope, name, kind, module = '', arch = '', version, key }: KeyedLookup): string {
  const text = JSON.stringify([scope, name, kind, module, arch, version, key?.toString('hex') ?? null]);
  return hash('sha256', text, 'hex').slice(0, 32);
}

async function loadIds(tx: Session, digests: readonly string[]): Promise<Map<string, number>> {
  const rows = await tx.query<{ id: number; digest: Buffer }>({
    name: 'load-finding-ids',
    text: 'select id, digest from finding where digest = any ($1::bytea[])',
    values: [digests.map((digest) => Buffer.from(digest, 'hex'))],
  });
  return new Map(rows.map(({ id, digest }) => [digest.toString('hex'), id]));
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
  const lookups = missing.map(([, lookup]) => lookup);
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
      missing.map(([digest]) => Buffer.from(digest, 'hex')),
      lookups.map(({ scope }) => textOf(scope)),
      lookups.map(({ name }) => textOf(name)),
      lookups.map(({ kind }) => kind),
      lookups.map(({ module = '' }) => textOf(module)),
      lookups.map(({ arch }) => (arch ? textOf(arch) : undefined)),
      lookups.map(({ version }) => textOf(version)),
      lookups.map(({ key }) => key),
    ],
  });
}
