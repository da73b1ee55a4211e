/** Archives that do not say their coordinates: what advisories about them call them. */
import type { Guess, KnownNames, Naming, Settled } from '../../contract/lookup.ts';
import type { IndexedPackage } from '../../model/index-report.ts';
import type { Clues } from '../../model/package.ts';
import { MAVEN_CENTRAL } from './detect-archives.ts';
import { readFileName } from './file-name.ts';
import { fitOf } from './fit.ts';
import { groupedByKin } from './kin.ts';
import { MAVEN_SCOPE } from './lookups.ts';

/** `jar:` and `file:` are where a manifest or a file name was all there was. */
const GUESSED = /^(?:jar|file):/;

/** A word such as `core` is the artifact of many. */
const MAX_NAMES = 50;

/** Names of archives without coordinates. */
export const naming: Naming = { scope: MAVEN_SCOPE, guess, settle };

/**
 * The artifact may be any part of the name, the last word of a symbolic name (`org.apache.tomcat-embed-core`), or the name
 * of the file.
 */
function guess(indexed: IndexedPackage): Guess | undefined {
  const { package: found, environments } = indexed;
  const places = environments.filter(({ repositories }) =>
    repositories?.some(({ name }) => name === MAVEN_CENTRAL.name),
  );
  if (places.length === 0 || found.kind !== 'binary') return undefined;
  const guessed = places.filter(({ packageDb }) => GUESSED.test(packageDb));
  if (guessed.length === 0 && found.name.includes(':')) return undefined;
  const files = guessed.flatMap(({ packageDb }) => baseOf(packageDb) ?? []);
  const clues = found.clues ?? { names: [], groups: [], folders: [], root: '' };
  const [first = [], ...others] = [clues.names.slice(0, 1), found.name.split(':'), clues.names, files];
  const words = others.flat();
  const ends = [...first, ...words].map((word) => word.slice(word.lastIndexOf('.') + 1));
  return {
    artifacts: [
      ...new Set(
        [...first, ...words, ...ends].filter((each) => each !== '').map((each) => each.toLowerCase()),
      ),
    ],
    groups: prefixes(clues),
  };
}

/** `commons-io` of `jar:app.war:WEB-INF/lib/commons-io-2.4.jar`. */
function baseOf(database: string): string | undefined {
  return readFileName(database.replace(/^.*[/:]/s, ''))?.artifact;
}

/** Groups whose classes may lie where those of the archive do. */
function prefixes({ root, groups }: Clues): string[] {
  const words = root.split('.');
  return [...new Set([...groups, ...words.map((_, at) => words.slice(0, at + 1).join('.'))])].filter(
    (each) => each !== '',
  );
}

function settle(
  packages: readonly IndexedPackage[],
  guesses: ReadonlyMap<number, Guess>,
  known: KnownNames,
): ReadonlyMap<number, Settled> {
  const settled = new Map<number, Settled>();
  for (const [position, each] of guesses) {
    const found = settleOne(packages[position]!, each, known);
    if (found !== undefined) settled.set(position, found);
  }
  for (const [position, name] of groupedByKin(packages, guesses, settled, known))
    settled.set(position, { name });
  return settled;
}

/** By the first of its names that an advisory has which fits it. */
function settleOne(
  { package: found }: IndexedPackage,
  { artifacts }: Guess,
  known: KnownNames,
): Settled | undefined {
  const { clues } = found;
  let perhaps: readonly string[] | undefined;
  for (const [index, artifact] of artifacts.entries()) {
    const names = (known.byArtifact.get(artifact) ?? []).slice(0, MAX_NAMES);
    if (names.length === 0) continue;
    if (clues === undefined) {
      // A name that advisories have is no guess any more.
      if (names.includes(found.name)) return { name: found.name };
      perhaps = [...(perhaps ?? []), ...names];
      continue;
    }
    const fits = Map.groupBy(names, (name) => fitOf(name, clues));
    const [own, ...others] = fits.get('own') ?? [];
    if (own !== undefined) return others.length === 0 ? { name: own } : { perhaps: [own, ...others] };
    // Only the name of the file is good enough without anything that speaks for it.
    if (index === 0 || clues.folders.length + clues.groups.length === 0) perhaps ??= fits.get('perhaps');
  }
  return perhaps && { perhaps: [...new Set(perhaps)].slice(0, MAX_NAMES) };
}
