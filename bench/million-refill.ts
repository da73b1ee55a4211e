/** The refill after an upgrade: lookups of an older release are replaced. */
import { ecosystems } from '../src/ecosystems/index.ts';
import { createIndexer } from '../src/indexer/indexer.ts';
import { noLog } from '../src/lib/log.ts';
import { cpuOf } from './measure.ts';
import type { Measured } from './million.ts';

/** Manifests that an older release has stored, all over the store. */
const OLDER = 300;
const REVISION = '1-older';

/** Gives lookups of about that many manifests the revision of an older release. */
export async function makeOlder(
  { db, manifests }: Pick<Measured, 'db' | 'manifests'>,
  count: number,
): Promise<void> {
  await db.query({
    text: `
      update manifest_finding f set revision = '${REVISION}' from (
        select manifest from unnest($1::bigint[]) as w (at)
        cross join lateral (
          select manifest from manifest_finding where manifest >= w.at order by manifest limit 1) m
      ) m where f.manifest = m.manifest`,
    values: [Array.from({ length: count }, (_, at) => 1 + Math.floor((at * manifests) / count))],
  });
}

/** What one manifest takes, and what the look for lookups that nobody has any more takes, which follows. */
export async function measureRefill(measured: Measured): Promise<void> {
  const { server, db, signal, figure } = measured;
  await makeOlder(measured, OLDER);
  const now = () => ({ wall: performance.now(), own: cpuOf('self').own, server: server.cpu() });
  let filled = 0;
  let end = now();
  const scanner = { scan: () => Promise.reject(new Error('nothing is scanned here')) };
  const log = {
    ...noLog,
    // Told between the two.
    info(_message: string, fields?: Readonly<Record<string, unknown>>) {
      filled = Number(fields?.manifests);
      end = now();
    },
  };
  const indexer = createIndexer({ db, ecosystems, scanner, log });
  const start = now();
  await indexer.fillLookups(signal);
  const swept = now();
  if (filled === 0) throw new Error('no lookups were replaced');
  figure('refill_wall', (end.wall - start.wall) / filled, 'ms/manifest');
  figure('refill_cpu', ((end.own - start.own) / filled) * 1000, 'ms/manifest');
  figure('refill_postgres_cpu', ((end.server - start.server) / filled) * 1000, 'ms/manifest');
  figure('refill_orphans_wall', (swept.wall - end.wall) / 1000, 's');
}
