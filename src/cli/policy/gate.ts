/** `--fail-on`: conditions under which a scan ends with exit code 2. */
import { parseSeverity, rankOf, SEVERITIES, type Severity } from '../../model/severity.ts';

/** What conditions look at. */
export interface Gated {
  readonly severity: Severity;
  readonly epss?: number;
  readonly exploited: boolean;
  readonly fixedIn: string;
}

type Condition = (finding: Gated) => boolean;

/** Name of an enricher without whose records a condition can decide nothing. */
export type NeededFacts = 'clair.kev' | 'clair.epss';

/** One of `any` is enough; each wants all of its conditions. */
export interface Gate {
  readonly any: readonly { readonly text: string; readonly all: readonly Condition[] }[];
  /** Whether a file that can run and nobody accounts for is enough. */
  readonly unaccounted?: true;
  /** Enrichers that its conditions rest on, with the condition as it was written. */
  readonly needs: ReadonlyMap<NeededFacts, string>;
}

const UNACCOUNTED = 'unaccounted';
const KEV = /^(kev|exploited)$/i;

/** What can be written, for help and errors. */
export const GATE_SYNTAX = `${SEVERITIES.map((name) => name.toLowerCase()).join(', ')} (or above), kev, epss>NUMBER, fixable, ${UNACCOUNTED}`;

/** `high`, `kev`, `epss>0.5`, `fixable`; `,` is or, `+` is and: `critical,high+fixable`. undefined: it is none. */
export function parseGate(text: string): Gate | undefined {
  const alternatives = text.split(',').map((alternative) => alternative.trim());
  const ofFindings = alternatives.filter((alternative) => alternative.toLowerCase() !== UNACCOUNTED);
  const any = ofFindings.map((alternative) => {
    const all = alternative.split('+').map((word) => parseCondition(word.trim()));
    return { text: alternative, all };
  });
  if (any.some(({ all }) => all.includes(undefined))) return undefined;
  return {
    any: any as Gate['any'],
    ...(ofFindings.length < alternatives.length && { unaccounted: true }),
    needs: new Map(ofFindings.flatMap((alternative) => alternative.split('+').flatMap(needOf))),
  };
}

/** Both: either is enough. */
export function joinGates(a: Gate | undefined, b: Gate): Gate {
  const unaccounted = a?.unaccounted === true || b.unaccounted === true;
  const needs = new Map([...(a?.needs ?? []), ...b.needs]);
  return { any: [...(a?.any ?? []), ...b.any], ...(unaccounted && { unaccounted }), needs };
}

function needOf(word: string): [NeededFacts, string][] {
  const text = word.trim();
  if (KEV.test(text)) return [['clair.kev', text]];
  return /^epss/i.test(text) ? [['clair.epss', text]] : [];
}

function parseCondition(word: string): Condition | undefined {
  const severity = parseSeverity(word);
  if (severity !== undefined) return (finding) => rankOf(finding.severity) >= rankOf(severity);
  if (KEV.test(word)) return ({ exploited }) => exploited;
  if (/^(fixable|fixed)$/i.test(word)) return ({ fixedIn }) => fixedIn !== '';
  const [, operator, number, percent] = /^epss\s*(>=?)\s*(\d*\.?\d+)(%?)$/i.exec(word) ?? [];
  if (number === undefined) return undefined;
  const limit = percent ? Number(number) / 100 : Number(number);
  if (limit > 1) return undefined; // EPSS is a probability
  // What EPSS does not know has no probability: it is no hit, as any other number would be invented.
  return ({ epss }) => epss !== undefined && (operator === '>' ? epss > limit : epss >= limit);
}

/** How many of `findings`, and of so many unaccounted files, each alternative of the gate hits; those with none are left out. */
export function hitsOf(
  gate: Gate,
  findings: readonly Gated[],
  unaccounted = 0,
): { text: string; count: number }[] {
  const hits = gate.any
    .map(({ text, all }) => ({
      text,
      count: findings.filter((finding) => all.every((condition) => condition(finding))).length,
    }))
    .filter(({ count }) => count > 0);
  return gate.unaccounted && unaccounted > 0 ? [...hits, { text: UNACCOUNTED, count: unaccounted }] : hits;
}
