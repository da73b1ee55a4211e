/** Until when the releases in a report are supported: after that nobody writes advisories, and none found is no news. */
import type { Lifecycles } from '../../contract/enricher.ts';
import type { Session } from '../../db/database.ts';
import { enrichers } from '../../enrichers/index.ts';
import type { IndexedPackage, IndexReport } from '../../model/index-report.ts';
import { type Release, type Standing, type Support, standingOf } from '../../model/lifecycle.ts';
import { type Distribution, isProgramPackage } from '../../model/package.ts';
import { loadSupports } from '../store/load-supports.ts';

/** By tag of the release. */
export type Supports = ReadonlyMap<string, Support>;

const SOURCES = enrichers.flatMap(({ name, lifecycles }) => (lifecycles ? [{ name, lifecycles }] : []));

/** What is known of the distributions and programs of `report`. */
export async function supportsOf(db: Session, report: IndexReport): Promise<Supports> {
  const supports = new Map<string, Support>();
  for (const { name, lifecycles } of SOURCES) {
    const releases = [
      ...report.distributions.flatMap((each) => lifecycles.releaseOf(each) ?? []),
      ...report.packages.flatMap((each) => programOf(each, lifecycles) ?? []),
    ];
    const byTag = new Map(releases.map((each) => [lifecycles.tagOf(each), each]));
    const rows = await loadSupports(db, name, [...byTag.keys()]);
    const said = new Map(rows.map(({ tag, data }) => [tag, data]));
    for (const [tag, release] of byTag) {
      const support = lifecycles.supportOf(release, said.get(tag));
      if (support !== undefined) supports.set(tag, support);
    }
  }
  return supports;
}

export interface Stated {
  readonly standing: Exclude<Standing, 'supported'>;
  readonly reason: string;
}

/** How the support of a distribution stands at `now`; undefined: it goes on, or its end is not known. */
export function statedOf(distribution: Distribution, supports: Supports, now: Date): Stated | undefined {
  return stated((lifecycles) => lifecycles.releaseOf(distribution), supports, now);
}

/** The same of a program that no package brought. */
export function statedOfProgram(found: IndexedPackage, supports: Supports, now: Date): Stated | undefined {
  return stated((lifecycles) => programOf(found, lifecycles), supports, now);
}

function stated(
  releaseIn: (lifecycles: Lifecycles) => Release | undefined,
  supports: Supports,
  now: Date,
): Stated | undefined {
  const [support] = SOURCES.flatMap(({ lifecycles }) => {
    const release = releaseIn(lifecycles);
    return (release && supports.get(lifecycles.tagOf(release))) ?? [];
  });
  const standing = support && standingOf(support, now.toISOString().slice(0, 10));
  if (support === undefined || standing === undefined || standing === 'supported') return undefined;
  const extended = support.extended.map(({ name, until }) => `${name} until ${until}`);
  const ends = [`support ended on ${support.until}`, ...extended].join(', ');
  return { standing, reason: standing === 'ended' ? `${ends}: it gets no new advisories` : ends };
}

function programOf({ package: found }: IndexedPackage, lifecycles: Lifecycles): Release | undefined {
  return isProgramPackage(found) ? lifecycles.releaseOfProgram(found) : undefined;
}
