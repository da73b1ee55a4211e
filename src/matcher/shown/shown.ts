/** What reports show of an advisory, whatever the image: made once, and written into every report that has it. */

import type { CveFacts } from '../../model/cve-facts.ts';
import { SEVERITIES, type Severity } from '../../model/severity.ts';
import { parseVulnerableCode, type VulnerableCode } from '../../model/vulnerable-code.ts';
import { type EnricherRow, factsOf, type LoadedAdvisory } from '../store/load-advisories.ts';
import { readFacts } from './facts.ts';
import { fixedVersionOf } from './fixes.ts';
import { headOf, tailOf } from './vulnerability-json.ts';

/** An advisory as reports show it. */
export interface Shown {
  /** Of the advisory. */
  readonly id: number;
  readonly scope: number;
  // differs: advisories that differ only in their ranges are one, because a report shows no ranges (clair-matching.md#osv)
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
  readonly aliasesJson: string | undefined;
  /** What each enricher knows about its CVEs: see `factsOf`. */
  readonly facts: ReadonlyMap<number, string>;
  /** The same, read. */
  readonly known: CveFacts;
  readonly feed: string;
  /** As the feed calls the vulnerability. */
  readonly name: string;
  /** Other names; [] if there are none. */
  readonly aliases: readonly string[];
  readonly severity: Severity;
  /** As the feed writes it: a word or a CVSS vector. */
  readonly rating: string;
  /** First version that is not affected; '' if there is none. */
  readonly fix: string;
  /** Which code it is about; undefined: the feed does not say. */
  readonly code: VulnerableCode | undefined;
  /** Bytes of memory, about. */
  readonly size: number;
}

/** What the objects take besides their texts, about. */
const OBJECT_BYTES = 700;

/** What is shown of one advisory; `enrichers`: those of its facts. */
export function shownOf(row: LoadedAdvisory, enrichers: readonly Pick<EnricherRow, 'id' | 'name'>[]): Shown {
  const head = Buffer.from(headOf(row));
  const [order, tail] = [orderOf(row), tailOf(row)];
  const aliasesJson = row.aliases?.length ? JSON.stringify(row.aliases) : undefined;
  const facts = factsOf(row.facts);
  return {
    id: row.id,
    scope: row.scope,
    order,
    head,
    tail,
    aliasesJson,
    facts,
    known: readFacts(facts, enrichers),
    feed: row.feed,
    name: row.vulnerability,
    aliases: row.aliases ?? [],
    severity: SEVERITIES[row.severity] ?? 'Unknown',
    rating: ratingTextOf(row.wire),
    fix: fixedVersionOf(row.fixed_in_version, row.feed),
    code: parseVulnerableCode(row.code),
    size:
      OBJECT_BYTES +
      2 * (row.code?.length ?? 0) +
      head.length +
      order.length +
      tail.length +
      2 * (aliasesJson?.length ?? 0) +
      (row.facts?.length ?? 0),
  };
}

/** The member `severity` of the JSON members from `name` to `normalized_severity`, the last two of which are known. */
export function ratingTextOf(wire: string): string {
  const at = wire.lastIndexOf('"severity":"');
  const { severity } = JSON.parse(`{${wire.slice(at)}}`) as { severity: string };
  return severity;
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
