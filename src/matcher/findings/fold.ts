/** What affects the packages of an image, one finding for each package and vulnerability, whoever says it. */
import type { Hits } from '../matching/match.ts';
import type { Shown } from '../shown/shown.ts';
import type { AliasGroup, AliasGroups } from './alias-groups.ts';

/** A package and a vulnerability, with all advisories that say so. */
export interface Folded {
  /** Of the package in the report. */
  readonly position: number;
  readonly group: AliasGroup;
  /** Those that affect it; those of which nobody can tell only if there are no others. */
  readonly advisories: readonly Shown[];
  /** The rest. */
  readonly doubtful: readonly Shown[];
  /** Whether it may or may not be affected. */
  readonly undecided: boolean;
}

interface Draft {
  readonly group: AliasGroup;
  readonly decided: Set<Shown>;
  readonly doubtful: Set<Shown>;
}

/** In the order of packages. */
export function fold(
  { affected, undecided, shown }: { affected: Hits; undecided: Hits; shown: readonly Shown[] },
  groups: AliasGroups,
): Folded[] {
  const byId = new Map(shown.map((each) => [each.id, each]));
  const groupOf = new Map(shown.map((each) => [each.id, groups.of(each)]));
  const positions = [...new Set([...affected.keys(), ...undecided.keys()])].sort((a, b) => a - b);
  return positions.flatMap((position) => {
    const drafts = new Map<string, Draft>();
    const add = (hits: Hits, into: 'decided' | 'doubtful'): void => {
      for (const id of hits.get(position) ?? []) {
        const group = groupOf.get(id)!;
        let draft = drafts.get(group.key);
        if (draft === undefined)
          drafts.set(group.key, (draft = { group, decided: new Set(), doubtful: new Set() }));
        draft[into].add(byId.get(id)!);
      }
    };
    add(affected, 'decided');
    add(undecided, 'doubtful');
    spread(drafts, groups);
    return [...drafts.values()].map(({ group, decided, doubtful }) => ({
      position,
      group,
      advisories: [...(decided.size > 0 ? decided : doubtful)],
      doubtful: decided.size > 0 ? [...doubtful] : [],
      undecided: decided.size === 0,
    }));
  });
}

/** A record about several vulnerabilities, each of which is a finding of its own: it is one of their sources. */
function spread(drafts: Map<string, Draft>, groups: AliasGroups): void {
  for (const [key, { group, decided, doubtful }] of drafts) {
    if (group.covers.length === 0) continue;
    const others = group.covers.map((cve) => drafts.get(groups.keyOf(cve)));
    if (others.includes(undefined)) continue;
    for (const other of others) {
      for (const each of decided) other!.decided.add(each);
      for (const each of doubtful) other!.doubtful.add(each);
    }
    drafts.delete(key);
  }
}
