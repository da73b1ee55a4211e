/** The events of an OSV range as intervals of versions (OSV schema, "affected[].ranges[].events" and "Evaluation"). */
import type { VersionScheme } from '../../contract/version-scheme.ts';

/** One event; exactly one of the four is meant to be there. */
export interface OsvEvent {
  readonly introduced?: string | undefined;
  readonly fixed?: string | undefined;
  readonly last_affected?: string | undefined;
  readonly limit?: string | undefined;
}

/** Affected are `from <= version < below` or `<= upTo`; without `from` all from the beginning. */
export interface Interval {
  readonly from?: string;
  readonly below?: string;
  readonly upTo?: string;
  /** The version that has the fix: `below`, unless that is only where the range ends. */
  readonly fixed?: string;
}

type Kind = 'introduced' | 'fixed' | 'last_affected' | 'limit';

interface Point {
  readonly kind: Kind;
  readonly text: string;
  /** undefined: before every version if the text is `0`, else no version of the scheme. */
  readonly version: unknown;
}

/**
 * The intervals that `events` stand for, in ascending order. Events may come in any order; if one of them is no
 * version of the scheme they are paired as they were written, so that nothing is lost. `sortsInverted`: see `OsvOptions`.
 */
export function intervalsOf(
  events: readonly OsvEvent[],
  versions: VersionScheme,
  sortsInverted = false,
): Interval[] {
  const written = events.flatMap((event) => pointsOf(event, versions));
  const points = sortsInverted ? written : withoutInverted(written, versions);
  const readable = points.every(({ text, version }) => version !== undefined || text === '0');
  const order = (a: Point, b: Point): number => compare(a, b, versions);
  const marks = points.filter(({ kind }) => kind !== 'limit');
  const paired = pair(readable ? marks.sort(order) : marks, readable ? order : () => 1);
  return readable ? limited(paired, points, versions) : paired;
}

function pointsOf(event: OsvEvent, versions: VersionScheme): Point[] {
  const kinds: Kind[] = ['introduced', 'fixed', 'last_affected', 'limit'];
  return kinds.flatMap((kind) => {
    const text = event[kind];
    if (text === undefined || text === '') return [];
    if (kind === 'limit' && text === '*') return []; // OSV schema: "*" is no limit
    // OSV schema: "0" is a version before any other
    return [{ kind, text, version: text === '0' ? undefined : versions.parse(text) }];
  });
}

function compare(a: Point, b: Point, versions: VersionScheme): number {
  if (a.version === undefined || b.version === undefined) {
    return Number(a.version !== undefined) - Number(b.version !== undefined);
  }
  return versions.compare(a.version, b.version);
}

/**
 * A pair that is written as `introduced 2.2.999, fixed 2.2.18` (converters make such of "~> 2.2.18") holds no version;
 * but sorted apart, it would leave everything from 2.2.999 on open. It is taken out where all the rest is written in
 * order; a list in no order at all is taken by the letter of the schema.
 */
function withoutInverted(points: readonly Point[], versions: VersionScheme): readonly Point[] {
  /** Whether the points at `index` and after it are such a pair; what was open before has its end in the second. */
  const isInverted = (index: number): boolean => {
    const [before, from, to] = [points[index - 1], points[index], points[index + 1]];
    return (
      before?.kind !== 'introduced' &&
      from?.kind === 'introduced' &&
      (to?.kind === 'fixed' || to?.kind === 'last_affected') &&
      from.version !== undefined &&
      to.version !== undefined &&
      compare(from, to, versions) > 0
    );
  };
  const rest = points.filter((_, index) => !isInverted(index) && !isInverted(index - 1));
  const inOrder = rest.every(
    (point, index) => index === 0 || compare(rest[index - 1]!, point, versions) <= 0,
  );
  return inOrder ? rest : points;
}

/** Walks the sorted points: `introduced` opens an interval, the others close it. */
function pair(points: readonly Point[], order: (a: Point, b: Point) => number): Interval[] {
  const intervals: Interval[] = [];
  // A range that introduces nothing says only where it ends.
  let open: Point | undefined;
  let isOpen = points.length > 0 && points.every(({ kind }) => kind !== 'introduced');
  for (let start = 0; start < points.length; ) {
    let end = start + 1;
    while (end < points.length && order(points[start]!, points[end]!) === 0) end++;
    // At one version, what is open closes before it opens anew, and what is closed opens before it closes.
    const group = points.slice(start, end);
    const opens = group.filter(({ kind }) => kind === 'introduced');
    const closes = group.filter(({ kind }) => kind !== 'introduced');
    for (const point of isOpen ? [...closes, ...opens] : [...opens, ...closes]) {
      if (point.kind === 'introduced') {
        if (!isOpen) open = point;
        isOpen = true;
      } else if (isOpen) {
        const isEmpty = point.kind === 'fixed' && open !== undefined && order(open, point) === 0;
        if (!isEmpty) intervals.push({ ...lower(open), ...upper(point) });
        isOpen = false;
        open = undefined;
      }
    }
    start = end;
  }
  if (isOpen) intervals.push(lower(open));
  return intervals;
}

function lower(point: Point | undefined): Interval {
  return point === undefined || point.text === '0' ? {} : { from: point.text };
}

function upper({ kind, text }: Point): Interval {
  return kind === 'fixed' ? { below: text, fixed: text } : { upTo: text };
}

/** OSV schema: with limits, only what is below one of them is affected. */
function limited(
  intervals: readonly Interval[],
  points: readonly Point[],
  versions: VersionScheme,
): Interval[] {
  const limits = points.filter(({ kind }) => kind === 'limit').sort((a, b) => compare(a, b, versions));
  const limit = limits.at(-1);
  if (limit === undefined) return [...intervals];
  const reaches = (bound: string | undefined, least: number): boolean =>
    bound === undefined || compare(pointOf(bound, versions), limit, versions) >= least;
  return intervals.flatMap((interval) => {
    const { from, below, upTo } = interval;
    if (from !== undefined && reaches(from, 0)) return [];
    if (!reaches(below ?? upTo, below === undefined ? 0 : 1)) return [interval];
    return [{ ...(from === undefined ? {} : { from }), below: limit.text }];
  });
}

function pointOf(text: string, versions: VersionScheme): Point {
  return { kind: 'fixed', text, version: text === '0' ? undefined : versions.parse(text) };
}
