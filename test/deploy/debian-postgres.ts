/** Debian's PostgreSQL with its defaults, and the databases of deploy/compose/clair-database/init.sql. */
import { execFileSync } from 'node:child_process';
import { chownSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../imports.ts';

const VERSIONS = '/usr/lib/postgresql';

/** Running until disposed. */
export interface DebianPostgres extends Disposable {
  readonly version: string;
}

export function startDebianPostgres(port: number): DebianPostgres {
  const version = readdirSync(VERSIONS).sort().at(-1)!;
  const folder = mkdtempSync(join(tmpdir(), 'clair-deploy-postgres-'));
  const data = join(folder, 'data');
  const isRoot = process.getuid?.() === 0;
  const ids = execFileSync('id', ['postgres'], { encoding: 'utf8' });
  const [uid = 0, gid = 0] = ['uid', 'gid'].map((name) =>
    Number(new RegExp(`${name}=(\\d+)`).exec(ids)?.[1]),
  );
  if (isRoot) chownSync(folder, uid, gid);
  const run = (program: string, args: readonly string[], input = ''): void => {
    const file = join(VERSIONS, version, 'bin', program);
    execFileSync(file, args, {
      input,
      cwd: folder,
      ...(isRoot && { uid, gid }),
      stdio: ['pipe', 'ignore', 'pipe'],
    });
  };
  run('initdb', ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale']);
  const settings = `-c port=${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${folder}`;
  run('pg_ctl', ['-D', data, '-w', '-l', join(folder, 'log'), '-o', settings, 'start']);
  const sql = readFileSync(join(ROOT, 'deploy/compose/clair-database/init.sql'), 'utf8');
  run('psql', ['-h', '127.0.0.1', '-p', String(port), '-U', 'postgres', '-v', 'ON_ERROR_STOP=1'], sql);
  return {
    version,
    [Symbol.dispose]() {
      run('pg_ctl', ['-D', data, '-m', 'immediate', 'stop']);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
