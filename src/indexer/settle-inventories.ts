/** Which lists of packages say something that the report has not: those of whose packages nothing is installed. */
import type { IndexedPackage } from '../model/index-report.ts';
import type { Problem } from '../model/package.ts';

/** A problem as a detector told it: with what a list of packages has in it. */
export interface ListedProblem extends Problem {
  readonly lists?: { readonly detectors: readonly string[]; readonly names: readonly string[] };
}

/** `problems` without lists that are installed or that another detector has read, and without what is in lists. */
export function settleInventories(
  problems: readonly ListedProblem[],
  packages: readonly IndexedPackage[],
): Problem[] {
  const any = problems.some(({ lists }) => lists !== undefined);
  const installed = any ? namesByDetector(packages) : new Map<string, Set<string>>();
  // Whoever reads a list says so, and what of it could not be read.
  const read = new Set(problems.filter(({ kind }) => kind !== 'unread-inventory').map(({ where }) => where));
  return problems.flatMap(({ lists, ...problem }) => {
    if (problem.kind === 'unread-inventory' && read.has(problem.where)) return [];
    if (lists === undefined) return problem;
    const there = lists.detectors.flatMap((detector) => installed.get(detector) ?? []);
    return lists.names.some((name) => there.some((own) => own.has(plain(name)))) ? [] : problem;
  });
}

function namesByDetector(packages: readonly IndexedPackage[]): Map<string, Set<string>> {
  const names = new Map<string, Set<string>>();
  for (const { package: each } of packages) {
    const detector = each.detector?.split(':')[0] ?? '';
    const own = names.get(detector) ?? new Set();
    names.set(detector, own);
    own.add(plain(each.name));
  }
  return names;
}

/** Spellings that are one name in their ecosystem; of `group:artifact` the artifact. */
function plain(name: string): string {
  return name
    .slice(name.lastIndexOf(':') + 1)
    .toLowerCase()
    .replace(/[._-]+/g, '-');
}
