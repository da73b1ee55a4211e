/** Until when the releases in a report are supported: after that nobody writes advisories, and none found is no news. */
import type { Session } from '../db/database.ts';
import { SupportRecord, tagOf } from '../enrichers/end-of-life/feed.ts';
import { extendedName, releaseOf, releaseOfProgram } from '../enrichers/end-of-life/releases.ts';
import { TABLE } from '../enrichers/end-of-life/table.ts';
import type { IndexedPackage, IndexReport } from '../model/index-report.ts';
import { type Release, type Standing, type Support, standingOf } from '../model/lifecycle.ts';
import { type Distribution, isProgramPackage } from '../model/package.ts';
import { loadSupports } from './store/load-supports.ts';

/** By `tagOf`. */
export type Supports = ReadonlyMap<string, Support>;

/** What is known of the distributions and programs of `report`: what the feed says, else what the table says. */
export async function supportsOf(db: Session, report: IndexReport): Promise<Supports> {
  const releases = [
    ...report.distributions.flatMap((each) => releaseOf(each) ?? []),
    ...report.packages.flatMap((each) => programOf(each) ?? []),
  ];
  const byTag = new Map(releases.map((each) => [tagOf(each.product, each.cycle), each]));
  const rows = await loadSupports(db, [...byTag.keys()]);
  const said = new Map(rows.map(({ tag, data }) => [tag, data]));
  return new Map(
    [...byTag].flatMap(([tag, release]): [string, Support][] => {
      const support = supportOf(release, said.get(tag));
      return support === undefined ? [] : [[tag, support]];
    }),
  );
}

/** A kind of extended support that only the table knows goes on beside what the feed says. */
function supportOf({ product, cycle }: Release, said: string | undefined): Support | undefined {
  const known = TABLE.get(product)?.get(cycle);
  const record = SupportRecord.safeParse(said === undefined ? undefined : JSON.parse(said));
  if (!record.success) return known;
  const { until, extended } = record.data;
  const name = extendedName(product);
  return {
    ...(until !== undefined && { until }),
    extended: [
      ...(extended === undefined ? [] : [{ name, until: extended }]),
      ...(known?.extended ?? []).filter((each) => each.name !== name),
    ],
  };
}

export interface Stated {
  readonly standing: Exclude<Standing, 'supported'>;
  readonly reason: string;
}

/** How the support of a distribution stands at `now`; undefined: it goes on, or its end is not known. */
export function statedOf(distribution: Distribution, supports: Supports, now: Date): Stated | undefined {
  return stated(releaseOf(distribution), supports, now);
}

/** The same of a program that no package brought. */
export function statedOfProgram(found: IndexedPackage, supports: Supports, now: Date): Stated | undefined {
  return stated(programOf(found), supports, now);
}

function stated(release: Release | undefined, supports: Supports, now: Date): Stated | undefined {
  const support = release && supports.get(tagOf(release.product, release.cycle));
  const standing = support && standingOf(support, now.toISOString().slice(0, 10));
  if (support === undefined || standing === undefined || standing === 'supported') return undefined;
  const extended = support.extended.map(({ name, until }) => `${name} until ${until}`);
  const ends = [`support ended on ${support.until}`, ...extended].join(', ');
  return { standing, reason: standing === 'ended' ? `${ends}: it gets no new advisories` : ends };
}

function programOf({ package: found }: IndexedPackage): Release | undefined {
  return isProgramPackage(found) ? releaseOfProgram(found) : undefined;
}
