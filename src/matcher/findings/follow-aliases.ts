/** Reads what the loaded advisories know of other names, until there are no more. */
import type { Session } from '../../db/database.ts';
import { loadAliases } from '../store/load-aliases.ts';
import { AliasGroups, type NamedRecord, namesOf } from './alias-groups.ts';

/** A chain of more records, each of which knows the next one only, is nothing that databases have. */
const MAX_ROUNDS = 4;
/** OSV's own grouping takes records with more aliases for mistakes. */
const MAX_ALIASES = 32;

/** The groups of all names of `records`. */
export async function followAliases(db: Session, records: readonly NamedRecord[]): Promise<AliasGroups> {
  const known = new Map(records.map((record) => [`${record.name}\0${record.aliases.join('\0')}`, record]));
  const read = new Set(records.map(({ name }) => name));
  const seen = new Set<string>();
  let next: readonly NamedRecord[] = [...known.values()];
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const names = new Set(next.flatMap(followed).filter((name) => !seen.has(name)));
    for (const name of names) seen.add(name);
    const ids = [...names].filter((name) => !name.startsWith('CVE-') && !read.has(name));
    const rows = await loadAliases(db, [...names], ids);
    next = rows.filter(({ name, aliases }) => aliases.length <= MAX_ALIASES && !read.has(name));
    for (const record of next) {
      read.add(record.name);
      known.set(record.name, record);
    }
    if (next.length === 0) break;
  }
  return new AliasGroups([...known.values()]);
}

/** The names of `record` under which others may speak of the same: none of those of a record about several vulnerabilities but its own. */
function followed(record: NamedRecord): readonly string[] {
  const { cves, others } = namesOf(record);
  if (cves.length > 1) return [record.name.trim()].filter(isId);
  return [...cves, ...others.filter(isId)];
}

/** No title, and no number of a bug tracker: many records have those, and none is named by them. */
function isId(name: string): boolean {
  return /^[A-Za-z][\w.:-]+$/.test(name);
}
