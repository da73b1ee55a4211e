/** What enrichers know of CVE ids, read from their records. */
import { enrichers as all } from '../../enrichers/index.ts';
import { type CveFacts, joinFacts, NO_FACTS } from '../../model/cve-facts.ts';
import type { EnricherRow } from '../store/load-advisories.ts';

const READERS = new Map(all.map(({ name, facts }) => [name, facts]));

/** `records`: by the enricher's id a list in JSON, see `factsOf`. */
export function readFacts(
  records: ReadonlyMap<number, string>,
  enrichers: readonly Pick<EnricherRow, 'id' | 'name'>[],
): CveFacts {
  if (records.size === 0) return NO_FACTS;
  const known = new Map(enrichers.map(({ id, name }) => [id, name]));
  return [...records]
    .map(([id, json]) => READERS.get(known.get(id) ?? '')?.(JSON.parse(json)) ?? NO_FACTS)
    .reduce(joinFacts, NO_FACTS);
}
