/**
 * Storing what of a manifest is looked up: each lookup once, and their numbers in one row for the manifest. The tables
 * keep the names that they were made with: `finding`, `manifest_finding`.
 */
import { hash } from 'node:crypto';
import type { Lookup } from '../../contract/lookup.ts';
import type { Session } from '../../db/database.ts';
import type { Digest } from '../../model/digest.ts';

/**
 * Held shared while lookups are referred to. Only release 0.2 takes it alone, while it deletes those that nobody refers to
 * (here see sweep-orphans.ts): as long as one of its replicas may be running, it is needed.
 */
const LOOKUP_LOCK = `hashtextextended('finding', 0)`;

/** A lookup with its version's key; undefined: there is none. */
export interface KeyedLookup extends Lookup {
  readonly key: Buffer | undefined;
}

/** What is looked up of a manifest. */
export interface ManifestLookups {
  readonly manifest: Digest;
  readonly lookups: readonly KeyedLookup[];
}

/**
 * Replaces the lookups of manifests that have a finished report; part of the transaction that writes it, and after its
 * first write: the transaction must have its number before it reads lookups (sweep-orphans.ts). All at once, in one order:
 * two transactions that each add some of the other's lookups must not deadlock.
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
  const missing = [...wanted].filter(([digest]) => !known.has(digest));
  if (missing.length > 0) {
    await addScopes(tx, [...new Set(missing.map(([, { scope }]) => textOf(scope)))]);
    await addLookups(tx, missing);
    for (const [digest, id] of await loadIds(
      tx,
      missing.map(([digest]) => digest),
    )) {
      known.set(digest, id);
    }
  }
  for (const { manifest, own } of all) {
    const ids = [...own.keys()].flatMap((digest) => known.get(digest) ?? []);
    await tx.query({
      name: 'save-findings',
      text: `
        insert into manifest_finding as f (manifest, revision, findings)
        select id, $2, $3::int[] from manifest where digest = $1
        on conflict (manifest) do update set revision = excluded.revision, findings = excluded.findings
        where (f.revision, f.findings) is distinct from (excluded.revision, excluded.findings)`,
      values: [manifest, revision, ids.sort((a, b) => a - b)],
    });
  }
}

/** For a manifest that has no finished report any more. */
export async function dropLookups(tx: Session, manifest: Digest): Promise<void> {
  await tx.query({
    name: 'drop-findings',
    text: 'delete from manifest_finding where manifest = (select id from manifest where digest = $1)',
    values: [manifest],
  });
}

/** Longer names are in no advisory, and in no index. */
const NAME_LIMIT = 1024;

function isLookedUp({ scope, name }: Lookup): boolean {
  return Buffer.byteLength(name) <= NAME_LIMIT && Buffer.byteLength(scope) <= NAME_LIMIT;
}

/** PostgreSQL's text cannot hold NUL: one such name must not fail an image. */
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

/** In the order of the digests: two images that share lookups and are stored at the same time must not deadlock. */
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
