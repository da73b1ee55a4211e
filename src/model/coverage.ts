/** What of an image was not checked, as a report tells it: `docs/reference/coverage.md` has a table of the kinds. */

/** What each kind of entry means, and by that whether a report can be called complete. */
export const COVERAGE_KINDS = {
  'no-feed': 'No feed covers these packages, or this distribution.',
  'feed-not-loaded': 'A feed covers them, but is not loaded. Or `--fail-on` needs a feed that is not loaded.',
  'feed-stale':
    'A feed covers them, but was loaded longer ago than `--db-max-age` allows. Or `--fail-on` needs a feed that is over two days old.',
  'no-package-database': 'The distribution is known, but none of its packages: no package database was read.',
  unread: 'A file or record was not read, or not completely.',
  'unread-inventory':
    'A lock file, a package list, or a file that holds packages or programs exists that Clair does not read.',
  'unchecked-program': 'A program exists whose version cannot be determined.',
  'guessed-name': 'The name of a package was derived and may differ from the name in advisories.',
  'end-of-life': 'The distribution receives no new advisories, so the absence of findings proves nothing.',
  'nothing-found': 'The target contains no packages and no operating system.',
} as const;

export type CoverageKind = keyof typeof COVERAGE_KINDS;

/** What a detector or whoever reads a target may say of what it did not read; `note`: to be told, and nothing is missing for it. */
export const PROBLEM_KINDS = [
  'unread',
  'unread-inventory',
  'unchecked-program',
  'nothing-found',
  'note',
] as const;

export type ProblemKind = (typeof PROBLEM_KINDS)[number];

/** A part of an image that the answer does not speak of. One entry for each kind, place and reason. */
export interface CoverageEntry {
  readonly kind: CoverageKind;
  /** A scope, a distribution, a detector, a package. */
  readonly what: string;
  /** Path in the image; '' if it is of no single file. */
  readonly where: string;
  readonly reason: string;
  /** How many packages or files it stands for; 0 for a distribution without any. */
  readonly count: number;
}

/** What is missing and accepted by somebody, in the file and line or the flag `source`, until a day; '': always. */
export type Accepted<T extends CoverageEntry = CoverageEntry> = T & {
  readonly accepted: { readonly source: string; readonly reason: string; readonly expires: string };
};

/** To be told though nothing is missing for it. */
export interface Notice extends Omit<CoverageEntry, 'kind'> {
  readonly kind: CoverageKind | 'note';
}

/** In the order of what, where and reason: the same image gives the same list. */
export function sortCoverage<T extends Notice>(entries: readonly T[]): T[] {
  const keyOf = ({ what, where, kind, reason }: Notice) => `${what}\0${where}\0${kind}\0${reason}`;
  return entries
    .map((entry) => ({ entry, key: keyOf(entry) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ entry }) => entry);
}
