/**
 * Groups of archives that no advisory is about: by what their manifests hint at, by their kin (archives beside them of the
 * same version and the same first words in their names), and by their classes. They are for reports and package URLs; of
 * those that advisories may be about, only kin decides which they are.
 */
import type { Guess, KnownNames, Settled } from '../../contract/lookup.ts';
import type { IndexedPackage } from '../../model/index-report.ts';
import type { Clues } from '../../model/package.ts';
import { fitOf } from './fit.ts';
import { SHARED_DOMAIN } from './manifest-groups.ts';

/** An archive as its kin sees it. */
interface Member {
  readonly position: number;
  readonly artifact: string;
  readonly clues?: Clues;
  /** Its group, if that is known. */
  readonly group?: string;
}

/** Archives that are compared with one another at most; those of one release are fewer. */
const MAX_KIN = 500;

/** By position: names `GROUP:ARTIFACT` for what has none yet. */
export function groupedByKin(
  packages: readonly IndexedPackage[],
  guesses: ReadonlyMap<number, Guess>,
  settled: ReadonlyMap<number, Settled>,
  { groups }: KnownNames,
): Map<number, string> {
  const named = new Map<number, string>();
  for (const kin of families(packages, guesses, settled)) {
    const [open, certain] = [kin.filter(({ group }) => !group), kin.filter(({ group }) => group)];
    for (const member of open) {
      const { position, artifact, clues } = member;
      if (clues === undefined) continue;
      const ofOthers = ofKin(member, certain);
      const perhaps = settled.get(position)?.perhaps;
      if (perhaps !== undefined) {
        const name = perhaps.find((each) => each === `${ofOthers}:${artifact}`);
        if (name !== undefined) named.set(position, name);
        continue;
      }
      const group =
        clues.groups.find((each) => !SHARED_DOMAIN.test(each)) ??
        ofOthers ??
        ofKin(member, open.flatMap(hinted)) ??
        ofFamily(kin.filter((each) => firstWord(each) === firstWord(member))) ??
        ofAdvisories(clues, groups) ??
        ofClasses(clues, artifact);
      if (group !== undefined && !isSaid(packages[position]!.package.name, group, artifact))
        named.set(position, `${group}:${artifact}`);
    }
  }
  return named;
}

/** The archives of the image by folder of their file and version. */
function families(
  packages: readonly IndexedPackage[],
  guesses: ReadonlyMap<number, Guess>,
  settled: ReadonlyMap<number, Settled>,
): Member[][] {
  const members = new Map<string, Member[]>();
  if (guesses.size === 0) return [];
  for (const [position, { package: found, environments }] of packages.entries()) {
    const database = environments[0]?.packageDb ?? '';
    if (!/^(?:maven|jar|file):/.test(database)) continue;
    const [file = ''] = database.slice(database.indexOf(':') + 1).split(':', 1);
    const key = `${file.replace(/[^/]*$/, '')} ${found.version}`;
    const name = settled.get(position)?.name ?? (guesses.has(position) ? '' : found.name);
    const [group = '', certain] = name.includes(':') ? name.split(':') : [];
    const artifact = certain ?? found.clues?.names[0] ?? found.name;
    const family = members.get(key) ?? [];
    if (family.length < MAX_KIN)
      family.push({
        position,
        artifact,
        ...(found.clues && { clues: found.clues }),
        ...(group && { group }),
      });
    members.set(key, family);
  }
  return [...members.values()];
}

const wordsOf = (artifact: string): string[] => artifact.split(/[-_.]/);
const firstWord = ({ artifact }: Member): string => wordsOf(artifact)[0]!;

/** Whether its manifest's name has that group already: Clair's reports call it so, and no advisory needs another name. */
function isSaid(name: string, group: string, artifact: string): boolean {
  return name.startsWith(`${group}:`) || name === `${group}.${artifact}`;
}

/** With the group that its manifest hints at, if it does. */
function hinted(member: Member): Member[] {
  const group = member.clues?.groups.find((each) => !SHARED_DOMAIN.test(each));
  return group === undefined ? [] : [{ ...member, group }];
}

/** The group of those that share the most words with it, if it is one, and the archive's classes allow it. */
function ofKin({ artifact, clues }: Member, certain: readonly Member[]): string | undefined {
  const words = wordsOf(artifact);
  const shared = certain.map((each) => {
    const others = wordsOf(each.artifact);
    const differs = words.findIndex((word, at) => word !== others[at]);
    return { group: each.group!, count: differs === -1 ? words.length : differs };
  });
  const most = Math.max(0, ...shared.map(({ count }) => count));
  const groups = new Set(shared.filter(({ count }) => most > 0 && count === most).map(({ group }) => group));
  const [only] = groups;
  return groups.size === 1 && only !== undefined && fitOf(`${only}:${artifact}`, clues!) !== 'no'
    ? only
    : undefined;
}

/** The longest group that advisories know and whose classes these may be. */
function ofAdvisories({ root }: Clues, groups: ReadonlySet<string>): string | undefined {
  const words = root.split('.');
  return words
    .map((_, at) => words.slice(0, words.length - at).join('.'))
    .find((prefix) => groups.has(prefix) && !SHARED_DOMAIN.test(prefix));
}

/** What the classes of most of a family share: `org.springframework.boot` of spring-boot and its starters. */
function ofFamily(kin: readonly Member[]): string | undefined {
  const roots = kin.flatMap(({ clues }) => (clues && clues.root !== '' ? [clues.root] : []));
  if (roots.length < 2) return undefined;
  const counts = new Map<string, number>();
  for (const root of roots) {
    const words = root.split('.');
    for (let length = 2; length <= words.length; length++) {
      const prefix = words.slice(0, length).join('.');
      counts.set(prefix, (counts.get(prefix) ?? 0) + 1);
    }
  }
  return [...counts]
    .filter(([prefix, count]) => count * 2 > roots.length && !SHARED_DOMAIN.test(prefix))
    .map(([prefix]) => prefix)
    .sort((a, b) => b.length - a.length)[0];
}

/** Where its classes are, without what is the artifact: `io.micrometer` of io.micrometer.core in micrometer-core. */
function ofClasses({ root }: Clues, artifact: string): string | undefined {
  if (root === '') return undefined;
  const words = root.split('.');
  const own = new Set(wordsOf(artifact));
  while (words.length > 2 && own.has(words.at(-1)!) && !SHARED_DOMAIN.test(words.slice(0, -1).join('.')))
    words.pop();
  const group = words.slice(0, 3).join('.');
  // A folder of one word is a group only where the artifact has its name, as antlr:antlr.
  return SHARED_DOMAIN.test(group) && group !== artifact ? undefined : group;
}
