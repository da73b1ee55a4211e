/** Which manifests have changed, for who keeps a copy of the list: the console of a matcher. */
import type { Session } from '../../db/database.ts';
import { AppError } from '../../errors.ts';
import type { ManifestChange, ManifestChanges } from '../../model/manifest-changes.ts';
import { layerOf } from '../store/layer-names.ts';

interface ChangeRow extends Omit<ManifestChange, 'version' | 'indexed'> {
  readonly changed: string;
  readonly indexed: Date | null;
}

const CURSOR = /^(\d{1,20})(?: (sha(?:256|512):[0-9a-f]{64,128}))?$/;

/**
 * The next `limit` of them behind `after` ('': all there are). A transaction may end after one that began later: `resume`
 * is the oldest that is still open, so what it changes is told the next time.
 */
export async function loadManifestChanges(
  db: Session,
  after: string,
  limit: number,
): Promise<ManifestChanges> {
  const [, changed = '0', digest = ''] = CURSOR.exec(after === '' ? '0' : after) ?? [];
  if (after !== '' && !CURSOR.test(after)) {
    throw new AppError('bad-request', '"after" is not a cursor that this list has given');
  }
  const [state] = await db.query<{ horizon: string; waiting: number; oldest: Date | null }>({
    name: 'oldest-open-transaction',
    text: `
      select pg_snapshot_xmin(pg_current_snapshot())::text as horizon,
        (select count(*)::int from (select from index_job limit 100000) j) as waiting,
        (select submitted from index_job order by id limit 1) as oldest`,
  });
  const rows = await db.query<ChangeRow>({
    name: 'load-manifest-changes',
    text: `
      select c.changed::text as changed, c.digest, c.gone or r.manifest is null as gone, coalesce(r.state, '') as state,
        case when r.state = 'IndexError' then r.report::json ->> 'err' end as error, r.updated as indexed,
        array(select l.layer from manifest_layer l where l.manifest = m.id order by l.position) as layers,
        coalesce(a.names, '[]') as names, coalesce(a.labels, '{}') as labels, a.instructions,
        coalesce(a.in_use, false) as in_use
      from manifest_change c
      left join manifest m on m.digest = c.digest
      left join index_report r on r.manifest = m.id
      left join manifest_about a on a.digest = c.digest
      where (c.changed, c.digest) > ($1::text::xid8, $2)
      order by c.changed, c.digest
      limit $3`,
    values: [changed, digest, limit + 1],
  });
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const oldest = BigInt(state!.horizon) - 1n;
  return {
    changes: page.map(({ changed: version, indexed, layers, ...row }) => ({
      ...row,
      layers: layers.map(layerOf),
      version,
      indexed: indexed?.toISOString() ?? null,
    })),
    next: rows.length > limit ? `${last!.changed} ${last!.digest}` : null,
    resume: String(oldest),
    queue: { waiting: state!.waiting, oldest: state!.oldest?.toISOString() ?? null },
  };
}
