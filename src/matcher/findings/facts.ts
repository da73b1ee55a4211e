/** What enrichers know of CVE ids, read from their records. */
import { parseSeverity, rankOf, type Severity } from '../../model/severity.ts';
import type { EnricherRow } from '../store/load-advisories.ts';

/** A CVSS score and where it is from. */
export interface Cvss {
  /** 0 to 10. */
  readonly score: number;
  readonly vector: string;
  /** 2.0, 3.0, 3.1 or 4.0. */
  readonly version: string;
  /** A feed, a record, or NVD. */
  readonly source: string;
}

/** Facts about some CVE ids. */
export interface CveFacts {
  /** NVD's, the highest. */
  readonly cvss?: Cvss;
  /** NVD's, the highest; undefined: none. */
  readonly severity?: Severity;
  /** Probability of exploitation within 30 days, 0 to 1. */
  readonly epss?: number;
  /** Listed by CISA as exploited. */
  readonly exploited: boolean;
}

export const NVD = 'NVD';

const NOTHING: CveFacts = { exploited: false };

/** `records`: by the enricher's id a list in JSON, see `factsOf`. */
export function readFacts(
  records: ReadonlyMap<number, string>,
  enrichers: readonly Pick<EnricherRow, 'id' | 'name'>[],
): CveFacts {
  if (records.size === 0) return NOTHING;
  const known = new Map(enrichers.map(({ id, name }) => [id, name]));
  return [...records].map(([id, json]) => readOf(known.get(id) ?? '', json)).reduce(joinFacts, NOTHING);
}

/** What is known of both. */
export function joinFacts(a: CveFacts, b: CveFacts): CveFacts {
  const cvss = (a.cvss?.score ?? -1) >= (b.cvss?.score ?? -1) ? a.cvss : b.cvss;
  const severity =
    rankOf(a.severity ?? 'Unknown') >= rankOf(b.severity ?? 'Unknown') ? a.severity : b.severity;
  const epss = Math.max(a.epss ?? -1, b.epss ?? -1);
  return {
    ...(cvss && { cvss }),
    ...(severity && { severity }),
    ...(epss >= 0 && { epss }),
    exploited: a.exploited || b.exploited,
  };
}

function readOf(enricher: string, json: string): CveFacts {
  if (enricher === 'clair.kev') return { exploited: true };
  const records = JSON.parse(json) as readonly Readonly<Record<string, unknown>>[];
  if (enricher === 'clair.cvss') return records.map(nvdFacts).reduce(joinFacts, NOTHING);
  if (enricher !== 'clair.epss') return NOTHING;
  return { epss: Math.max(0, ...records.map(({ epss }) => Number(epss) || 0)), exploited: false };
}

/** NVD, cvssData: `baseScore`, `vectorString`, `version`, `baseSeverity`. */
function nvdFacts({
  baseScore,
  vectorString,
  version,
  baseSeverity,
}: Readonly<Record<string, unknown>>): CveFacts {
  const severity = parseSeverity(String(baseSeverity ?? ''));
  return {
    ...(typeof baseScore === 'number' &&
      typeof vectorString === 'string' && {
        cvss: { score: baseScore, vector: vectorString, version: String(version ?? ''), source: NVD },
      }),
    ...(severity && { severity }),
    exploited: false,
  };
}
