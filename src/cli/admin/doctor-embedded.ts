/** What `clairctl doctor` finds out about the embedded database of `clairctl scan`. */
import { existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { connect, type Database } from '../../db/database.ts';
import { startEmbedded } from '../../db/embedded.ts';
import { placesOf } from '../../db/embedded-places.ts';
import { pendingMigrations } from '../../db/migrate.ts';
import { AppError, messageOf } from '../../errors.ts';
import { counted } from '../../lib/counted.ts';
import { redact } from '../../lib/redact.ts';
import { loadFeedStatus } from '../../matcher/store/feed-status.ts';
import { INDEXER_SCHEMA, MATCHER_SCHEMA } from '../../schemas.ts';
import { formatAge } from '../formats/format-table.ts';
import { sizeText } from '../formats/ledger-text.ts';
import type { DoctorCheck } from './doctor-check.ts';

/** Free bytes below which the check warns: all feeds, and what an update of them writes for a while. */
const ROOM = 2e9;

const NAME = 'embedded';

/**
 * Starts the embedded server of `dataDir`, or joins the one that runs: version, size, and age of its feeds. Where there is none yet, one is
 * made in a temporary directory and removed.
 */
export async function checkEmbedded(dataDir: string, now: Date): Promise<DoctorCheck> {
  const isThere = existsSync(placesOf(dataDir).cluster);
  const temporary = isThere ? undefined : mkdtempSync(join(tmpdir(), 'clair-doctor-'));
  try {
    await using server = await startEmbedded({ dataDir: temporary ? join(temporary, 'data') : dataDir });
    await using db = await connect(server.dsn, { applicationName: 'clairctl' });
    const version = await versionOf(db);
    if (temporary !== undefined)
      return withRoom(dataDir, ok(`${version} starts; ${dataDir} has no database yet`));
    return withRoom(dataDir, await contentOf(db, `${version}, ${dataDir}`, now));
  } catch (error) {
    const remedy =
      error instanceof AppError && /newer than this release/.test(error.message)
        ? 'Run the newer release, or choose another directory with --data-dir.'
        : `Run as the owner of ${dataDir}, or choose another directory with --data-dir. If the database is damaged, delete the directory: the next scan loads the feeds again.`;
    return { kind: 'database', name: NAME, state: 'failed', detail: redact(messageOf(error)), remedy };
  } finally {
    if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true });
  }
}

function ok(detail: string): DoctorCheck {
  return { kind: 'database', name: NAME, state: 'ok', detail };
}

async function versionOf(db: Database): Promise<string> {
  const [row] = await db.query<{ server_version: string }>({ text: 'show server_version' });
  return `PostgreSQL ${row?.server_version ?? ''}`;
}

async function contentOf(db: Database, where: string, now: Date): Promise<DoctorCheck> {
  const [row] = await db.query<{ size: string }>({
    text: 'select pg_database_size(current_database())::text as size',
  });
  const schemas = [INDEXER_SCHEMA, MATCHER_SCHEMA];
  const pending = (await Promise.all(schemas.map((schema) => pendingMigrations(db, schema)))).flat();
  const has = `${where}: ${sizeText(Number(row?.size ?? 0))}`;
  if (pending.length > 0) return ok(`${has}; the next command runs ${counted(pending.length, 'migration')}`);
  const feeds = (await loadFeedStatus(db, now)).filter(({ kind }) => kind !== 'set');
  const times = feeds.flatMap(({ lastSuccess }) => lastSuccess?.getTime() ?? []);
  if (times.length === 0) return ok(`${has}, no feed loaded yet`);
  const detail = `${has}, ${counted(times.length, 'feed')}, the oldest loaded ${formatAge(now.getTime() - Math.min(...times))} ago`;
  const late = feeds.filter(({ state }) => state === 'failed' || state === 'stale').map(({ name }) => name);
  if (late.length === 0) return ok(detail);
  return {
    ...ok(`${detail}; failed or stale: ${late.slice(0, 5).join(', ')}${late.length > 5 ? ', …' : ''}`),
    state: 'warning',
    remedy: 'Run "clairctl db update". "clairctl db status" shows the reasons.',
  };
}

/** Adds a warning where the disk of the directory is almost full. */
function withRoom(dataDir: string, check: DoctorCheck): DoctorCheck {
  let place = dataDir;
  while (!existsSync(place)) place = dirname(place);
  const { bavail, bsize } = statfsSync(place);
  const free = bavail * bsize;
  if (free >= ROOM || check.state !== 'ok') return check;
  return {
    ...check,
    state: 'warning',
    detail: `${check.detail}; ${sizeText(free)} free`,
    remedy: 'Free disk space, or choose another directory with --data-dir: all feeds need about 2 GB.',
  };
}
