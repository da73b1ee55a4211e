/** What the NVD's records say of a CVE. */
import type { EnrichmentRecord } from '../../contract/enricher.ts';
import { type CveFacts, joinFacts, NO_FACTS, NVD } from '../../model/cve-facts.ts';
import { parseSeverity } from '../../model/severity.ts';

/** Of several the highest. */
export function nvdFacts(records: readonly EnrichmentRecord[]): CveFacts {
  return records.map(factsOf).reduce(joinFacts, NO_FACTS);
}

/** NVD, cvssData: `baseScore`, `vectorString`, `version`, `baseSeverity`. */
function factsOf({ baseScore, vectorString, version, baseSeverity }: EnrichmentRecord): CveFacts {
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
