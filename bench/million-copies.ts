/** Manifests beyond those that are stored as the indexer does: copies of them, which the server makes. */
import type { Database, Session } from '../src/db/database.ts';
import { COMPACT } from './million-store.ts';

/** The index that would be written to once for each lookup of each copy; the server builds it faster when all are there. */
const HOLDERS = 'manifest_finding_findings';

/**
 * Adds copies of the first `originals` manifests until there are `to`: with the same packages, and with digests and layers of
 * their own above the base.
 */
export async function copyManifests(
  db: Database,
  originals: number,
  range: { readonly from: number; readonly to: number },
): Promise<void> {
  if (range.from >= range.to) return;
  await withoutIndex(db, async () => {
    for (let at = range.from; at < range.to; at += originals) {
      const count = Math.min(originals, range.to - at);
      await db.transaction((tx) => copySome(tx, count, String(at)));
    }
  });
}

async function withoutIndex(db: Database, work: () => Promise<void>): Promise<void> {
  const [index] = await db.query<{ definition: string }>({
    text: `select pg_get_indexdef('${HOLDERS}'::regclass) as definition`,
  });
  await db.query({ text: `drop index ${HOLDERS}` });
  await work();
  await db.transaction(async (tx) => {
    await tx.query({ text: "set local maintenance_work_mem = '2GB'" });
    await tx.query({ text: index!.definition });
  });
}

/** Layers of a base stay shared: in a manifest they are the first three. */
const OWN_LAYER = `case when l.position < 3 then l.layer else ${COMPACT ? shortSql('l.layer') : digestSql('l.layer')} end`;

async function copySome(tx: Session, count: number, name: string): Promise<void> {
  await tx.query({ text: 'set local synchronous_commit = off' });
  await tx.query({
    text: `
      create temp table copies on commit drop as
      select id as original, digest as original_digest, nextval(pg_get_serial_sequence('manifest', 'id')) as id
      from (select id, digest from manifest order by id limit ${count}) m`,
  });
  await tx.query({ text: `create temp table name on commit drop as select '${name}'::text as copy` });
  for (const text of [
    `insert into manifest (id, digest) overriding system value
      select c.id, ${digestSql('c.original_digest')} from copies c, name order by c.id`,
    `create temp table layers on commit drop as
      select c.id as manifest, l.position, l.layer as original, ${OWN_LAYER} as layer
      from copies c join manifest_layer l on l.manifest = c.original, name`,
    'insert into manifest_layer (manifest, position, layer) select manifest, position, layer from layers',
    `insert into layer_scan (layer, detector, findings)
      select l.layer, s.detector, s.findings
      from (select distinct layer, original from layers where layer <> original) l join layer_scan s on s.layer = l.original`,
    `insert into manifest_finding (manifest, revision, findings, sets)
      select c.id, f.revision, f.findings, f.sets from copies c join manifest_finding f on f.manifest = c.original`,
    `insert into index_report (manifest, state, indexer_state, report)
      select c.id, r.state, r.indexer_state, r.report from copies c join index_report r on r.manifest = c.original`,
  ]) {
    await tx.query({ text });
  }
}

function digestSql(of: string): string {
  return `'sha256:' || encode(${hashSql(of)}, 'hex')`;
}

/** As layer-names.ts shortens it. */
function shortSql(of: string): string {
  return `left(encode(${hashSql(of)}, 'base64'), 43)`;
}

function hashSql(of: string): string {
  return `sha256(convert_to(${of} || ' ' || name.copy, 'UTF8'))`;
}
