/** The files of migrations: which there are, in order, and what tells one state of them from another. */
import { hash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';

export interface MigrationOptions {
  /** Table that notes what ran, e.g. `clair_matcher_migrations`. */
  readonly ledger: string;
  /** Folder of `NNN-what.sql` files, numbered from 1 without gaps; its URL ends with a slash. */
  readonly directory: URL;
}

export interface Migration {
  readonly version: number;
  readonly name: string;
}

/** All of them, in order. Throws if a name is none, or a number is left out. */
export async function listMigrations({ ledger, directory }: MigrationOptions): Promise<Migration[]> {
  if (!/^[a-z_][a-z0-9_]*$/.test(ledger)) throw new Error(`${ledger}: no name for a table`);
  const names = (await readdir(directory)).filter((name) => name.endsWith('.sql')).sort();
  return names.map((name, index) => {
    const version = Number(/^(\d{3})-[a-z0-9-]+\.sql$/.exec(name)?.[1]);
    if (version !== index + 1)
      throw new Error(`migration ${name}: expected NNN-name.sql, numbered from 1 without gaps`);
    return { version, name };
  });
}

/** Names and contents of all migrations of `schemas`, as one hash. */
export async function fingerprint(schemas: readonly MigrationOptions[]): Promise<string> {
  const parts: string[] = [];
  for (const schema of schemas) {
    parts.push(schema.ledger);
    for (const { name } of await listMigrations(schema))
      parts.push(name, await readFile(new URL(name, schema.directory), 'utf8'));
  }
  return hash('sha256', JSON.stringify(parts));
}
