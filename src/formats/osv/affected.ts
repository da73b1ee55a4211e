/** Which versions an entry of `affected` is about: those of its ranges, and those that it lists (OSV schema, "Evaluation"). */
import { z } from 'zod';
import type { VersionScheme } from '../../contract/version-scheme.ts';
import { UNREADABLE_BOUND } from '../../model/advisory.ts';
import { type Interval, intervalsOf } from './intervals.ts';
import type { OsvOptions } from './options.ts';

const text = z.string().transform((written) => written.replaceAll('\0', '').toWellFormed());
const Event = z.object({ introduced: text, fixed: text, last_affected: text, limit: text }).partial();
const Range = z.object({ type: text, events: z.array(Event) });

/** As JSON has it. */
export interface AffectedVersions {
  readonly ranges: unknown;
  readonly versions: unknown;
}

/** Some version may be affected, and nobody can tell which. */
const UNKNOWN: Interval = { from: UNREADABLE_BOUND, upTo: UNREADABLE_BOUND };

/**
 * The intervals of affected versions: a version is affected if it is in a range or listed. Where nothing is left of what an
 * entry says, because a range is of another kind, has no events or is malformed, one interval is undecided for every
 * version: never absent. What is not used is told to `problem`.
 */
// differs: versions that are listed count next to ranges, and an entry that says nothing usable is undecided (clair-matching.md#osv)
export function affectedIntervals(
  { ranges, versions: listed }: AffectedVersions,
  { versions, ranges: usable, sortsInverted }: Pick<OsvOptions, 'versions' | 'ranges' | 'sortsInverted'>,
  order: OrderOf,
  problem: (reason: string) => void,
): readonly Interval[] {
  const intervals: Interval[] = [];
  let isRead = false;
  let isLost = false;
  const lose = (reason: string): void => {
    isLost = true;
    problem(reason);
  };
  for (const written of listIn(ranges, 'ranges', lose)) {
    const range = Range.safeParse(written);
    if (!range.success) {
      lose('a range that cannot be read');
      continue;
    }
    const { type, events } = range.data;
    // Commits are no versions, and those that have them are listed.
    if (type === 'GIT') continue;
    if (!usable.some((wanted) => wanted === type))
      lose(`a range of type ${JSON.stringify(type)} is not read`);
    else if (!events.some(isEvent)) lose('a range without events');
    else {
      isRead = true;
      intervals.push(...intervalsOf(events, versions, sortsInverted));
    }
  }
  const named: string[] = [];
  for (const version of listIn(listed, 'versions', lose)) {
    const read = text.safeParse(version);
    if (!read.success) lose('a version that is no text');
    else if (read.data !== '') named.push(read.data);
  }
  const outside = outsideOf(named, intervals, order);
  if (!isRead && (isLost || named.length === 0)) return [...intervals, ...outside, UNKNOWN];
  return [...intervals, ...outside];
}

function listIn(value: unknown, what: string, lose: (reason: string) => void): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (value !== undefined && value !== null) lose(`${what} that is no list`);
  return [];
}

function isEvent({ introduced, fixed, last_affected, limit }: z.output<typeof Event>): boolean {
  return [introduced, fixed, last_affected, limit].some((bound) => bound !== undefined && bound !== '');
}

/** The listed versions that are in no interval, each as one. */
function outsideOf(listed: readonly string[], intervals: readonly Interval[], order: OrderOf): Interval[] {
  const isInside = (version: string): boolean =>
    intervals.some(
      ({ from, below, upTo }) =>
        (from === undefined || order(from, version) <= 0) &&
        (below === undefined || order(version, below) < 0) &&
        (upTo === undefined || order(version, upTo) <= 0),
    );
  return [...new Set(listed)]
    .filter((version) => !isInside(version))
    .map((version) => ({ from: version, upTo: version }));
}

/** The order of two texts; NaN if one of them is no version. */
export type OrderOf = (a: string, b: string) => number;

/** The order of `versions`. Remembers what it read: records of one package list the same versions. */
export function orderOf(versions: VersionScheme): OrderOf {
  // Keys as strings of one byte per character, which have their order: a small buffer holds 64 KiB of the pool that it is from.
  const known = new Map<string, string | typeof NO_KEY | undefined>();
  const read = (text: string) => {
    if (known.has(text)) return known.get(text);
    const version = versions.parse(text);
    const key = version === undefined ? undefined : (versions.key(version)?.toString('latin1') ?? NO_KEY);
    if (known.size >= REMEMBERED) known.clear();
    known.set(text, key);
    return key;
  };
  return (a, b) => {
    const [one, two] = [read(a), read(b)];
    if (one === undefined || two === undefined) return Number.NaN;
    if (typeof one === 'symbol' || typeof two === 'symbol')
      return versions.compare(versions.parse(a), versions.parse(b));
    return one < two ? -1 : one > two ? 1 : 0;
  };
}

/** A version that only `compare` can place. */
const NO_KEY = Symbol('no key');
const REMEMBERED = 20_000;
