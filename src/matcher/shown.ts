/** What reports show of an advisory, whatever the image: made once, and written into every report that has it. */
import { factsOf, type LoadedAdvisory } from './store/load-advisories.ts';
import { headOf, tailOf } from './vulnerability-json.ts';

/** An advisory as reports show it. */
export interface Shown {
  /** Of the advisory. */
  readonly id: number;
  readonly scope: number;
  // differs: advisories that only their ranges tell apart are one, because a report shows no ranges (clair-matching.md#osv)
  /**
   * Reports have it in the order of these texts: most severe first, then by name; those of one text are one vulnerability.
   * Nothing of the database's own numbers: the same image and feeds give the same bytes everywhere.
   */
  readonly order: string;
  /** JSON: see `headOf`. */
  readonly head: Buffer;
  /** JSON: see `tailOf`. */
  readonly tail: string;
  /** JSON; undefined: none. */
  readonly aliases: string | undefined;
  /** What each enricher knows about its CVEs: see `factsOf`. */
  readonly facts: ReadonlyMap<number, string>;
  /** Bytes of memory, about. */
  readonly size: number;
}

/** What the objects take besides their texts, about. */
const OBJECT_BYTES = 400;

/** What is shown of one advisory. */
export function shownOf(row: LoadedAdvisory): Shown {
  const head = Buffer.from(headOf(row));
  const [order, tail] = [orderOf(row), tailOf(row)];
  const aliases = row.aliases?.length ? JSON.stringify(row.aliases) : undefined;
  return {
    id: row.id,
    scope: row.scope,
    order,
    head,
    tail,
    aliases,
    facts: factsOf(row.facts),
    size:
      OBJECT_BYTES +
      head.length +
      order.length +
      tail.length +
      (aliases?.length ?? 0) +
      (row.facts?.length ?? 0),
  };
}

const MOST_SEVERE = 9;

// NUL is in no text of PostgreSQL's: parts are compared one after the other.
function orderOf(row: LoadedAdvisory): string {
  return [
    MOST_SEVERE - row.severity,
    row.vulnerability,
    row.feed,
    row.scope_key,
    row.name,
    row.kind,
    row.fixed_in_version,
    row.module,
    Number(row.asserts_unaffected),
    row.shown_arch === null ? (row.arches?.join('|') ?? '') : `=${row.shown_arch}`,
    row.text,
  ].join('\0');
}
