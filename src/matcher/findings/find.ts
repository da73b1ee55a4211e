/** The findings of a report: folded by aliases, rated, with their fixes. All views and formats show these. */
import type { Ecosystem } from '../../contract/ecosystem.ts';
import type { Session } from '../../db/database.ts';
import { type CveFacts, type Cvss, joinFacts } from '../../model/cve-facts.ts';
import { rankOf, SEVERITIES, type Severity } from '../../model/severity.ts';
import type { Matches } from '../matching/match.ts';
import { readFacts } from '../shown/facts.ts';
import { sortFixes } from '../shown/fixes.ts';
import { ratingTextOf, type Shown } from '../shown/shown.ts';
import { factsOf, loadFacts } from '../store/load-advisories.ts';
import { loadRatings } from '../store/load-aliases.ts';
import { type Folded, fold } from './fold.ts';
import { followAliases } from './follow-aliases.ts';
import { LinkedJudge, type LinkedVerdict } from './linked.ts';
import { type Rating, rate } from './severity.ts';

/** One vulnerability that affects one package. */
export interface Finding {
  /** Of the package in the report. */
  readonly position: number;
  /** The CVE id where it has one. */
  readonly name: string;
  /** All other names of it. */
  readonly aliases: readonly string[];
  /** CVE ids, where the advisories are about several vulnerabilities at once; else []. */
  readonly covers: readonly string[];
  /** Ids of the advisories that say so, the most severe first. */
  readonly advisories: readonly number[];
  readonly severity: Severity;
  /** Where the severity is from: a feed, a record that is an alias, or NVD; undefined: it is Unknown. */
  readonly severitySource?: string;
  readonly cvss?: Cvss;
  readonly epss?: number;
  readonly exploited: boolean;
  /** What else enrichers say: see `CveFacts`. */
  readonly notes?: readonly string[];
  /** In the order of their versions; [] if there are none. Only from the last one on no advisory affects it. */
  readonly fixes: readonly string[];
  /** It may or may not be affected. */
  readonly undecided: boolean;
  /** Whether the vulnerable code is in the programs that have the package; undefined: no advisory says which code it is. */
  readonly linked?: LinkedVerdict;
}

/** Most severe first, then by package and name; last those whose vulnerable code is not there. Run it in the snapshot of `match`. */
export async function findAll(
  db: Session,
  matches: Matches,
  ecosystems: readonly Ecosystem[],
): Promise<Finding[]> {
  const groups = await followAliases(db, matches.shown);
  const folded = fold(matches, groups);
  const judge = new LinkedJudge(matches.report, ecosystems);
  const [ratings, facts] = [await ratingsOf(db, folded), await factsOfAliases(db, folded, matches)];
  return folded
    .map((each) => findingOf(each, matches, ratings, facts, judge))
    .sort(
      (a, b) =>
        Number(a.linked?.state === 'no') - Number(b.linked?.state === 'no') ||
        rankOf(b.severity) - rankOf(a.severity) ||
        Number(b.exploited) - Number(a.exploited) ||
        a.position - b.position ||
        (a.name < b.name ? -1 : Number(a.name > b.name)),
    );
}

function findingOf(
  { position, group, advisories, doubtful, undecided }: Folded,
  { versions }: Pick<Matches, 'versions'>,
  ratings: ReadonlyMap<string, readonly Rating[]>,
  factsByCve: ReadonlyMap<string, CveFacts>,
  judge: LinkedJudge,
): Finding {
  const ofGroup = factsByCve.get(group.name);
  const facts = [...advisories.map(({ known }) => known), ...(ofGroup ? [ofGroup] : [])].reduce(joinFacts);
  const aliases = namesOf(group).flatMap((name) => ratings.get(name) ?? []);
  const { severity, source, cvss } = rate(advisories.map(ratingOf), aliases, facts);
  const fixes = new Set(advisories.map(({ fix }) => fix).filter((fix) => fix !== ''));
  const { name, aliases: others, covers } = group;
  const linked = judge.judge(position, [...advisories, ...doubtful], covers.length > 0);
  return {
    position,
    name,
    aliases: others,
    covers,
    advisories: [...advisories, ...doubtful].sort(bySeverity).map(({ id }) => id),
    severity,
    ...(source !== undefined && { severitySource: source }),
    ...(cvss && { cvss }),
    ...(facts.epss !== undefined && { epss: facts.epss }),
    exploited: facts.exploited,
    ...(facts.notes && { notes: facts.notes }),
    fixes: sortFixes(fixes, versions.get(position)),
    undecided,
    ...(linked && { linked }),
  };
}

function bySeverity(a: Shown, b: Shown): number {
  return a.order < b.order ? -1 : Number(a.order > b.order);
}

function ratingOf({ feed, severity, rating }: Shown): Rating {
  return { source: feed, severity, text: rating };
}

/** By name, how other records rate what the advisories at hand say nothing of. */
async function ratingsOf(
  db: Session,
  folded: readonly Folded[],
): Promise<ReadonlyMap<string, readonly Rating[]>> {
  const unrated = folded.filter(({ advisories }) =>
    advisories.every(({ severity }) => severity === 'Unknown'),
  );
  const rows = await loadRatings(db, [...new Set(unrated.flatMap(({ group }) => namesOf(group)))]);
  return Map.groupBy(
    rows.map(({ name, severity, wire }) => ({
      source: name,
      severity: SEVERITIES[severity] ?? 'Unknown',
      text: ratingTextOf(wire),
    })),
    ({ source }) => source,
  );
}

/** By CVE id, what enrichers know of those that only aliases tell. */
async function factsOfAliases(
  db: Session,
  folded: readonly Folded[],
  { enrichers }: Pick<Matches, 'enrichers'>,
): Promise<ReadonlyMap<string, CveFacts>> {
  const cves = folded.flatMap(({ group: { name }, advisories }) =>
    name.startsWith('CVE-') &&
    !advisories.every(({ name: own, aliases }) => own === name || aliases.includes(name))
      ? name
      : [],
  );
  const ids = enrichers.map(({ id }) => id);
  const rows = await loadFacts(db, [...new Set(cves)], ids);
  return new Map(rows.map(({ cve, facts }) => [cve, readFacts(factsOf(facts), enrichers)]));
}

const namesOf = ({ name, aliases }: Folded['group']): readonly string[] => [name, ...aliases];
