/** What enrichers say about the vulnerabilities of a report. */
import type { Enricher } from '../../contract/enricher.ts';
import type { Matches } from '../matching/match.ts';
import type { JsonWriter } from './json-writer.ts';
import { type Numbered, writeById } from './numbered.ts';

type Wanted = Pick<Enricher, 'name' | 'type'>;

// differs: a vulnerability that names several CVEs gets the records of all, not of any one (clair-matching.md#enrichers)
/** By message type, one map from vulnerability to records. */
export function writeEnrichments(
  out: JsonWriter,
  numbered: Numbered,
  { enrichers: loaded }: Matches,
  enrichers: readonly Wanted[],
): void {
  const { vulnerabilities } = numbered;
  const isAnyKnown = vulnerabilities.some(({ facts }) => facts.size > 0);
  out.open();
  for (const { name, type } of quayOrder(enrichers)) {
    const enricher = loaded.find((row) => row.name === name)?.id ?? 0;
    const isKnown = name === CVSS ? isAnyKnown : vulnerabilities.some(({ facts }) => facts.has(enricher));
    if (!isKnown) continue;
    out.key(type);
    out.text('[');
    writeById(out, numbered, ({ facts }) => facts.get(enricher));
    out.text(']');
  }
  out.close();
}

const CVSS = 'clair.cvss';

/** Quay reads whatever type comes first as CVSS: that is CVSS, even when there are only others. */
function quayOrder(enrichers: readonly Wanted[]): Wanted[] {
  return enrichers.toSorted((a, b) => Number(b.name === CVSS) - Number(a.name === CVSS));
}
