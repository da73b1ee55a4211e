/** Which servers of PostgreSQL will do. */
import { AppError } from '../errors.ts';
import type { Session } from './database.ts';

/** The least major version: what is older fails in the middle of a migration. */
const LEAST_SERVER = 13;

/** Throws `database` if the server is too old, naming both versions. */
export async function requireServerVersion(db: Session): Promise<void> {
  const [row] = await db.query<{ version: number }>({
    name: 'server-version',
    text: `select current_setting('server_version_num')::int as version`,
  });
  const { version } = row!;
  const major = Math.floor(version / 10_000);
  if (major >= LEAST_SERVER) return;
  throw new AppError(
    'database',
    `the server is PostgreSQL ${major}.${version % 10_000}: Clair requires PostgreSQL ${LEAST_SERVER} or newer. Upgrade the server`,
  );
}
