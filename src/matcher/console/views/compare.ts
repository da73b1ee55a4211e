/** Two images compared, or one at two dates. */
import type { Session } from '../../../db/database.ts';
import type { Compared } from '../../../model/api/console/types.ts';
import { changeOf, differingPackages, type Versions, versionsIn } from './compare-packages.ts';
import { type PlacedFinding, placed } from './filter-findings.ts';
import { countsOf, type VersionsOf } from './group-packages.ts';
import { loadFindings } from './load-findings.ts';
import type { LoadedImage } from './load-image.ts';

export interface ComparedSide {
  readonly image: LoadedImage;
  /** undefined: now. */
  readonly at: Date | undefined;
}

export interface ChangedFinding extends PlacedFinding {
  readonly change: 'new' | 'gone' | 'same';
}

type Summary =
  | 'before'
  | 'after'
  | 'new_counts'
  | 'gone_counts'
  | 'new'
  | 'gone'
  | 'same'
  | 'packages'
  | 'why';

export type Comparison = Pick<Compared, Summary> & {
  readonly findings: readonly ChangedFinding[];
};

const MAX_WHY = 200;

export async function compareImages(
  db: Session,
  base: ComparedSide,
  head: ComparedSide,
  versionsOf: VersionsOf,
): Promise<Comparison> {
  const [before, after] = [await openAt(db, base), await openAt(db, head)];
  const olds = new Map(before.map((each) => [keyOf(each), each]));
  const news = new Map(after.map((each) => [keyOf(each), each]));
  const findings = [
    ...[...news].map(([key, each]): ChangedFinding => ({ ...each, change: olds.has(key) ? 'same' : 'new' })),
    ...[...olds].flatMap(([key, each]): ChangedFinding[] =>
      news.has(key) ? [] : [{ ...each, change: 'gone' }],
    ),
  ];
  const of = (change: ChangedFinding['change']) => findings.filter((each) => each.change === change);
  const [added, removed] = [of('new'), of('gone')];
  const [oldPackages, newPackages] = [
    await versionsIn(db, base.image.id),
    await versionsIn(db, head.image.id),
  ];
  return {
    before: countsOf(before),
    after: countsOf(after),
    new_counts: countsOf(added),
    gone_counts: countsOf(removed),
    new: added.length,
    gone: removed.length,
    same: findings.length - added.length - removed.length,
    packages: differingPackages(oldPackages, newPackages, versionsOf).length,
    why: whyOfAll(findings, oldPackages, newPackages, versionsOf),
    findings,
  };
}

/** Another version of the package is not another finding. */
const keyOf = ({ type, source, name, cve }: PlacedFinding): string => [type, source, name, cve].join('\0');

/** What was open then; decisions are those of now. */
async function openAt(db: Session, { image, at }: ComparedSide): Promise<PlacedFinding[]> {
  const ids = at && (await idsAt(db, image.id, at));
  return placed(await loadFindings(db, image.id, ids), image).filter(({ closes }) => !closes);
}

/** What feeds have changed since is taken back, the newest first. */
async function idsAt(db: Session, image: number, at: Date): Promise<number[]> {
  const [now] = await db.query<{ findings: number[] }>({
    name: 'console-findings-now',
    text: 'select findings from console_content where image = $1',
    values: [image],
  });
  const changes = await db.query<{ came: number[]; went: number[] }>({
    name: 'console-changes-of-image',
    text: `
      select came, went from console_change
      where image = $1 and at > $2 and cause = 'feed' order by id desc`,
    values: [image, at],
  });
  const ids = new Set(now?.findings);
  for (const { came, went } of changes) {
    for (const id of came) ids.delete(id);
    for (const id of went) ids.add(id);
  }
  return [...ids];
}

function whyOfAll(
  findings: readonly ChangedFinding[],
  olds: Versions,
  news: Versions,
  versionsOf: VersionsOf,
): Compared['why'] {
  const changed = findings.filter(({ change }) => change !== 'same');
  const groups = Map.groupBy(changed, ({ type, source }) => `${type}\0${source}`);
  const rows = [...groups].map(([key, own]) => {
    const { type, source } = own[0]!;
    const [from, to] = [olds.get(key) ?? null, news.get(key) ?? null];
    const count = (change: string): number => own.filter((each) => each.change === change).length;
    const [came, went] = [count('new'), count('gone')];
    return {
      kind: kindOf(from, to, came >= went, versionsOf(type)),
      type,
      package: source,
      from,
      to,
      new: came,
      gone: went,
    };
  });
  return rows.sort((a, b) => b.new + b.gone - (a.new + a.gone)).slice(0, MAX_WHY);
}

function kindOf(
  from: string | null,
  to: string | null,
  more: boolean,
  versions: ReturnType<VersionsOf>,
): Compared['why'][number]['kind'] {
  if (from !== null && from === to) return more ? 'newly_known' : 'withdrawn';
  return changeOf(from, to, versions);
}
