/** Why a vulnerability counts for an image, or why not: every advisory about it that speaks of a package of the image. */

import type { Ecosystem } from '../../contract/ecosystem.ts';
import type { Session } from '../../db/database.ts';
import { decide, decideModule, type Verdict } from '../../ecosystems/decide.ts';
import { lookupsOf, type ReportLookup } from '../../ecosystems/report-lookups.ts';
import type { Coverings } from '../matching/covering.ts';
import type { NamedReport } from '../matching/guessed-names.ts';
import { loadScopes } from '../store/feed-status.ts';
import { type CandidateRow, isKnown, loadCandidates } from '../store/load-candidates.ts';
import { followAliases } from './follow-aliases.ts';

export interface ExplainedAdvisory extends Omit<CandidateRow, 'lookup'> {
  /** By position in the report. */
  readonly packages: readonly number[];
  /** Version that the bounds were compared with: that of the package, or of what it was built from. */
  readonly version: string;
  /** What it comes to. */
  readonly verdict: Verdict;
  /** Set where it is another part of the advisory that does not fit. */
  readonly otherwise?: 'module' | 'arch' | 'says-unaffected' | 'unfixed-hidden';
}

export interface Explanation {
  readonly advisories: readonly ExplainedAdvisory[];
  /** Whether any feed has heard of it at all. */
  readonly known: boolean;
}

export interface ExplainOptions {
  readonly ecosystems: readonly Ecosystem[];
  readonly coverings: Coverings;
  readonly fixedOnly: readonly string[];
}

/** `id`: the vulnerability, by any of its names. Run it in one snapshot. */
export async function explain(
  db: Session,
  { report, lookups: guessed }: Pick<NamedReport, 'report' | 'lookups'>,
  id: string,
  { ecosystems, coverings, fixedOnly }: ExplainOptions,
): Promise<Explanation> {
  const lookups = [...lookupsOf(report, ecosystems).lookups, ...guessed];
  const asked = new Set(lookups.map(({ lookup }) => lookup.scope));
  const covered = await coverings.of(db, ecosystems, asked);
  const plain = await loadScopes(
    db,
    [...asked].filter((scope) => !covered.has(scope)),
  );
  const idsOf = new Map([
    ...plain.map((row): [string, readonly number[]] => [row.key, [row.id]]),
    ...covered,
  ]);
  const known = lookups.filter(({ lookup }) => (idsOf.get(lookup.scope) ?? []).length > 0);
  const names = await namesLike(db, id);
  const rows = await loadCandidates(
    db,
    known.map(({ lookup }) => ({ ...lookup, scopes: idsOf.get(lookup.scope)! })),
    names,
  );
  return {
    advisories: rows.map(({ lookup, ...row }) => judged(row, known[lookup]!, fixedOnly)),
    known: rows.length > 0 || (await isKnown(db, names)),
  };
}

/** All names of the vulnerability that goes by `id`, which comes first. */
export async function namesLike(db: Session, id: string): Promise<string[]> {
  // Not by its name, as of that nothing was read yet.
  const record = { name: '', aliases: [id] };
  const { name, aliases } = (await followAliases(db, [record])).of(record);
  return [...new Set([id, name, ...aliases])];
}

function judged(
  row: Omit<CandidateRow, 'lookup'>,
  { lookup, versions, packages }: ReportLookup,
  fixedOnly: readonly string[],
): ExplainedAdvisory {
  const { version } = lookup;
  const fits = decide(versions, version, { from: row.from_version, below: row.below, upTo: row.up_to });
  const isOfModule = decideModule(row.module, lookup.module ?? '');
  const verdict = fits === 'affected' && isOfModule === 'unknown' ? 'unknown' : fits;
  const otherwise = otherwiseOf(row, lookup, fixedOnly);
  return { ...row, packages, version, verdict, ...(otherwise && { otherwise }) };
}

/** In the order in which matching looks at it. */
function otherwiseOf(
  { module, arches, asserts_unaffected: asserts, fixed_in_version: fixedIn }: Omit<CandidateRow, 'lookup'>,
  lookup: ReportLookup['lookup'],
  fixedOnly: readonly string[],
): ExplainedAdvisory['otherwise'] {
  if (decideModule(module, lookup.module ?? '') === 'unaffected') return 'module';
  if (arches !== null && lookup.arch && !arches.includes(lookup.arch)) return 'arch';
  if (asserts) return 'says-unaffected';
  const hides = fixedIn === '' && fixedOnly.some((prefix) => lookup.scope.startsWith(prefix));
  return hides ? 'unfixed-hidden' : undefined;
}
