/** Which names are one vulnerability: aliases are closed over what the loaded feeds say (OSV schema, `aliases`). */
import { byPrecedence, cvesIn } from '../../model/vulnerability-names.ts';

/** A record that gives a vulnerability names. */
export interface NamedRecord {
  readonly name: string;
  readonly aliases: readonly string[];
}

/** A vulnerability under all its names. */
export interface AliasGroup {
  /** The same for the same vulnerability. */
  readonly key: string;
  /** Its CVE id where it has one. */
  readonly name: string;
  readonly aliases: readonly string[];
  /** CVE ids of a record that is about several vulnerabilities, as errata are; [] for one vulnerability. */
  readonly covers: readonly string[];
}

/** Names of a record, each once. */
export interface Names {
  /** CVE ids of what it is about. */
  readonly cves: readonly string[];
  readonly others: readonly string[];
}

export function namesOf({ name, aliases }: NamedRecord): Names {
  const cves = new Set<string>();
  const others = new Set<string>();
  for (const each of [name, ...aliases]) {
    const text = each.trim();
    const cve = cveOf(text);
    if (cve !== undefined) cves.add(cve);
    else if (text !== '') others.add(text);
  }
  return { cves: [...cves], others: [...others] };
}

/** The CVE id that `text` is or begins with, as Ubuntu's titles do: those are no names beside it. */
function cveOf(text: string): string | undefined {
  return /^\s*cve[-_][0-9]{4}[-_][0-9]{4,}(?![\w-])/i.test(text) ? cvesIn(text)[0] : undefined;
}

/**
 * Groups names. A group has at most one CVE id: a record that names several is about several vulnerabilities, and what
 * contradicts another record joins nothing, so that no vulnerability disappears behind another one.
 */
export class AliasGroups {
  readonly #parents = new Map<string, string>();
  readonly #cves = new Map<string, string>();
  readonly #members = new Map<string, string[]>();

  constructor(records: readonly NamedRecord[]) {
    const all = records.map(namesOf).map((names) => [names, sortKeyOf(names)] as const);
    all.sort(([, a], [, b]) => (a < b ? -1 : Number(a > b))); // the same whatever order they come in
    for (const [{ cves, others }] of all) if (cves.length < 2) this.#join([...cves, ...others]);
    // Their CVE ids may have records of their own, whose names are not this record's.
    for (const [{ cves, others }] of all) {
      if (cves.length > 1) this.#join(others.filter((name) => !this.#cves.has(this.#rootOf(name))));
    }
    for (const name of this.#parents.keys()) {
      const root = this.#rootOf(name);
      const members = this.#members.get(root);
      if (members === undefined) this.#members.set(root, [name]);
      else members.push(name);
    }
    for (const members of this.#members.values()) members.sort(byPrecedence);
  }

  /** The group of what a record is about. */
  of(record: NamedRecord): AliasGroup {
    const { cves, others } = namesOf(record);
    const first = (cves.length < 2 ? cves[0] : undefined) ?? others[0] ?? cves[0] ?? '';
    const members = this.#membersOf(first);
    if (cves.length < 2) {
      const [name = first, ...aliases] = members;
      return { key: name, name, aliases, covers: [] };
    }
    // Where another record has its name for one of them alone, it still is about all of them.
    const names = this.#cves.has(this.#rootOf(first)) ? others : members;
    const covers = cves.toSorted(byPrecedence);
    const [name = first, ...rest] = names.toSorted(byPrecedence);
    const aliases = [...covers.filter((cve) => cve !== name), ...rest];
    return { key: `${name} ${covers.join(' ')}`, name, aliases, covers };
  }

  /** The key of the group of one CVE id. */
  keyOf(cve: string): string {
    return this.#membersOf(cve)[0] ?? cve;
  }

  #membersOf(name: string): readonly string[] {
    return this.#members.get(this.#rootOf(name)) ?? [];
  }

  #rootOf(name: string): string {
    let root = name;
    for (let next = this.#parents.get(root); next !== undefined && next !== root; ) {
      root = next;
      next = this.#parents.get(root);
    }
    return root;
  }

  #join(names: readonly string[]): void {
    const [first, ...rest] = names;
    if (first === undefined) return;
    this.#add(first);
    for (const name of rest) {
      this.#add(name);
      const [a, b] = [this.#rootOf(first), this.#rootOf(name)];
      const [ofA, ofB] = [this.#cves.get(a), this.#cves.get(b)];
      if (a === b || (ofA !== undefined && ofB !== undefined)) continue;
      this.#parents.set(b, a);
      const cve = ofA ?? ofB;
      if (cve !== undefined) this.#cves.set(a, cve);
    }
  }

  #add(name: string): void {
    if (this.#parents.has(name)) return;
    this.#parents.set(name, name);
    if (/^CVE-\d/.test(name)) this.#cves.set(name, name);
  }
}

function sortKeyOf({ cves, others }: Names): string {
  return [...others, ...cves].join('\0');
}
