/**
 * The one rule of severity, for every report, page and format: the source's own, else that of a CVSS vector of the
 * advisory or of an alias, else NVD's, else what an alias says in words. docs/reference/report-schema.md
 */
import { readCvss, severityOfScore } from '../../formats/cvss.ts';
import { type CveFacts, type Cvss, NVD } from '../../model/cve-facts.ts';
import { rankOf, SEVERITIES, type Severity } from '../../model/severity.ts';

/** How a source rates a vulnerability. */
export interface Rating {
  /** The feed of an advisory, or the name of a record that is an alias. */
  readonly source: string;
  readonly severity: Severity;
  /** As the source writes it: a word or a CVSS vector. */
  readonly text: string;
}

export interface Rated {
  readonly severity: Severity;
  /** Where `severity` is from; undefined: it is Unknown. */
  readonly source?: string;
  /** That of the advisory, else of an alias, else NVD's; of several the highest. */
  readonly cvss?: Cvss;
}

/** `own`: of the advisories of a finding; `aliases`: of other records about the same vulnerability. */
export function rate(own: readonly Rating[], aliases: readonly Rating[], facts: CveFacts): Rated {
  const ownCvss = highestCvss(own);
  const cvss = ownCvss ?? highestCvss(aliases);
  const shown = cvss ?? facts.cvss;
  const verdict =
    highest(own) ??
    (cvss && { severity: severityOfScore(cvss.score), source: cvss.source }) ??
    (facts.severity && { severity: facts.severity, source: NVD }) ??
    highest(aliases);
  return { ...(verdict ?? { severity: 'Unknown' }), ...(shown && { cvss: shown }) };
}

/** The most severe; undefined: none says anything. */
function highest(ratings: readonly Rating[]): { severity: Severity; source: string } | undefined {
  const rank = Math.max(0, ...ratings.map(({ severity }) => rankOf(severity)));
  const severity = SEVERITIES[rank]!;
  const found = ratings.find((rating) => rating.severity === severity);
  return rank === 0 || found === undefined ? undefined : { severity, source: found.source };
}

function highestCvss(ratings: readonly Rating[]): Cvss | undefined {
  let best: Cvss | undefined;
  for (const { text, source } of ratings) {
    const read = readCvss(text);
    if (read !== undefined && read.score > (best?.score ?? -1)) best = { ...read, vector: text, source };
  }
  return best;
}
