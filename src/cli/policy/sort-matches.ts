/** `--sort`: the order of the findings. */

import { riskOf } from '../../model/risk.ts';
import { rankOf } from '../../model/severity.ts';
import type { Match } from '../outcome/scan-result.ts';

/** `severity` is the order that a report has anyway; the first is the default. */
export const ORDERS = ['risk', 'severity', 'epss', 'kev', 'package', 'vulnerability'] as const;

export type Order = (typeof ORDERS)[number];

/** Sorted; what is equal stays as it was, most severe first. Findings whose vulnerable code is not there are last in every order. */
export function sortMatches(matches: readonly Match[], order: Order): readonly Match[] {
  const isLast = ({ linked }: Match): boolean => linked === 'no';
  const sorted = sortAll(matches, order);
  return [...sorted.filter((match) => !isLast(match)), ...sorted.filter(isLast)];
}

function sortAll(matches: readonly Match[], order: Order): readonly Match[] {
  switch (order) {
    case 'risk': {
      const risks = new Map(matches.map((match) => [match, riskOf(match)]));
      return matches.toSorted((a, b) => risks.get(b)! - risks.get(a)!);
    }
    case 'severity':
      return matches;
    case 'epss':
      return matches.toSorted((a, b) => (b.epss ?? -1) - (a.epss ?? -1));
    case 'kev':
      return matches.toSorted(
        (a, b) =>
          Number(b.exploited) - Number(a.exploited) ||
          rankOf(b.severity) - rankOf(a.severity) ||
          (b.epss ?? -1) - (a.epss ?? -1),
      );
    case 'package':
      return matches.toSorted((a, b) => compare(a.name, b.name) || compare(a.version, b.version));
    case 'vulnerability':
      return matches.toSorted((a, b) => compare(a.vulnerability, b.vulnerability));
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
