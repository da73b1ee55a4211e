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

/** One of `any` is enough; each wants all of its conditions. */
export interface Gate {
  readonly any: readonly { readonly text: string; readonly all: readonly Condition[] }[];
  /** Whether a file that can run and nobody accounts for is enough. */
  readonly unaccounted?: true;
}

const UNACCOUNTED = 'unaccounted';

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
  };
}

/** Both: either is enough. */
export function joinGates(a: Gate | undefined, b: Gate): Gate {
  const unaccounted = a?.unaccounted === true || b.unaccounted === true;
  return { any: [...(a?.any ?? []), ...b.any], ...(unaccounted && { unaccounted }) };
}

function parseCondition(word: string): Condition | undefined {
  const severity = parseSeverity(word);
  if (severity !== undefined) return (finding) => rankOf(finding.severity) >= rankOf(severity);
  if (/^(kev|exploited)$/i.test(word)) return ({ exploited }) => exploited;
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
