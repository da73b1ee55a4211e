/** What `clairctl doctor` finds out about this machine, the databases of services, and a registry. */
import { accessSync, constants } from 'node:fs';
import { tmpdir } from 'node:os';
import type { Config } from '../../config/schema.ts';
import { connect, type Database } from '../../db/database.ts';
import { clairServices, pendingMigrations } from '../../db/migrate.ts';
import { messageOf } from '../../errors.ts';
import { openTarget, type RegistryFlags } from '../../image/open-target.ts';
import { proxiesOf } from '../../lib/proxies.ts';
import { redact } from '../../lib/redact.ts';
import { trustedCertificates } from '../../lib/trusted-certificates.ts';
import { configured, SCHEMAS } from './admin-migrations.ts';
import { type DoctorCheck, remedyOf } from './doctor-check.ts';

const FILES = ['SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_EXTRA_CA_CERTS'];

/** Proxies, certificates and the directory for temporary files. */
export function checkEnvironment(env: NodeJS.ProcessEnv): DoctorCheck[] {
  const kind = 'environment';
  const checks: DoctorCheck[] = [];
  try {
    const { http, https } = proxiesOf(env);
    const uris = [...new Set([http?.uri, https?.uri].filter((uri) => uri !== undefined))];
    const without = env.no_proxy ?? env.NO_PROXY ?? '';
    const detail =
      uris.length === 0
        ? 'none: requests go directly'
        : `${uris.map(redact).join(' and ')}${without && `, but not for ${without}`}`;
    checks.push({ kind, name: 'proxy', state: 'ok', detail });
  } catch (error) {
    const remedy = 'Set HTTP_PROXY and HTTPS_PROXY to URLs such as http://proxy.example.com:3128.';
    checks.push({ kind, name: 'proxy', state: 'failed', detail: redact(messageOf(error)), remedy });
  }
  for (const name of FILES.filter((file) => env[file])) {
    const problem = unreadable(env[name]!, constants.R_OK);
    checks.push(
      problem === undefined
        ? { kind, name, state: 'ok', detail: env[name]! }
        : { kind, name, state: 'failed', detail: problem, remedy: `Correct ${name}, or remove it.` },
    );
  }
  const count = trustedCertificates()?.length;
  checks.push({
    kind,
    name: 'certificates',
    state: 'ok',
    detail: count === undefined ? "Node's certificate authorities" : `${count} certificate authorities`,
  });
  const problem = unreadable(tmpdir(), constants.W_OK);
  checks.push(
    problem === undefined
      ? { kind, name: 'TMPDIR', state: 'ok', detail: tmpdir() }
      : {
          kind,
          name: 'TMPDIR',
          state: 'failed',
          detail: problem,
          remedy: 'Set TMPDIR to a directory that can be written to.',
        },
  );
  return checks;
}

function unreadable(path: string, mode: number): string | undefined {
  try {
    accessSync(path, mode);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** The database of each service, or only `dsn`. */
export async function checkDatabases(config: Config, dsn: string | undefined): Promise<DoctorCheck[]> {
  if (dsn !== undefined) return [await checkDatabase('--db', dsn, ['matcher'])];
  const checks: DoctorCheck[] = [];
  for (const service of configured(config)) {
    checks.push(await checkDatabase(service, config[service]?.connstring.reveal() ?? '', [service]));
  }
  return checks;
}

async function checkDatabase(
  name: string,
  dsn: string,
  services: readonly (keyof typeof SCHEMAS)[],
): Promise<DoctorCheck> {
  const kind = 'database';
  let db: Database | undefined;
  try {
    db = await connect(dsn, { applicationName: 'clairctl' });
    const others = await clairServices(db);
    if (others !== undefined) {
      const detail = `it is a database of Clair v4 in Go (${others.join(', ')})`;
      const remedy = 'Use a separate, empty database. "clairctl admin reindex" indexes its images again.';
      return { kind, name, state: 'failed', detail, remedy };
    }
    const [row] = await db.query<{ server_version: string }>({ text: 'show server_version' });
    const pending = (
      await Promise.all(services.map((service) => pendingMigrations(db!, SCHEMAS[service])))
    ).flat();
    const detail = `PostgreSQL ${row?.server_version ?? ''}`;
    if (pending.length === 0) return { kind, name, state: 'ok', detail };
    return {
      kind,
      name,
      state: 'warning',
      detail: `${detail}: ${pending.length} pending migrations`,
      remedy: 'Run "clairctl admin migrate", or set migrations: true.',
    };
  } catch (error) {
    const detail = redact(messageOf(error));
    return {
      kind,
      name,
      state: 'failed',
      detail,
      remedy: 'Check the connection string, and that PostgreSQL is running.',
    };
  } finally {
    await db?.[Symbol.asyncDispose]();
  }
}

export interface RegistryCheckOptions {
  readonly registry: RegistryFlags;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

/** Whether the manifest of `image` can be fetched. */
export async function checkRegistry(
  image: string,
  { registry, env, signal }: RegistryCheckOptions,
): Promise<DoctorCheck> {
  const name = image.replace(/^docker:\/\//, '');
  try {
    await using target = await openTarget(`docker://${name}`, { registry, env, signal, spoolDir: tmpdir() });
    const { hash, layers } = target.manifest;
    return { kind: 'registry', name, state: 'ok', detail: `${hash}, ${layers.length} layers` };
  } catch (error) {
    signal.throwIfAborted();
    const detail = redact(messageOf(error));
    const remedy = remedyOf(detail, 'See docs/reference/registry-access.md.');
    return { kind: 'registry', name, state: 'failed', detail, remedy };
  }
}
