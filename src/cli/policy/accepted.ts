/** Parts of an image that nobody could check and somebody takes responsibility for: they stay visible, and do not count. */
import type { Accepted, CoverageEntry, CoverageKind } from '../../model/coverage.ts';
import { matchesGlob } from './glob.ts';

/** An entry of `accept:`; all of its conditions have to fit. */
export interface AcceptEntry {
  /** File and line. */
  readonly source: string;
  readonly kinds: readonly CoverageKind[];
  /** Patterns of a place in the image; at least one of kinds and paths is there. */
  readonly paths: readonly string[];
  /** Patterns of what it is about: a distribution, a scope, a detector. */
  readonly whats: readonly string[];
  readonly reason: string;
  /** From this moment on (ms) it does not hold any more; Infinity: it always holds, and need not fit anything. */
  readonly expires: number;
}

export interface Acceptance<T extends CoverageEntry> {
  /** What makes the report incomplete. */
  readonly open: readonly T[];
  readonly accepted: readonly Accepted<T>[];
  /** Entries of the file that have expired, or fit nothing. */
  readonly notices: readonly string[];
}

/** Divides `incomplete` by what `rules` accept at `now`. */
export function accept<T extends CoverageEntry>(
  incomplete: readonly T[],
  rules: readonly AcceptEntry[],
  now: Date,
): Acceptance<T> {
  const used = new Set<AcceptEntry>();
  const open: T[] = [];
  const accepted: Accepted<T>[] = [];
  for (const entry of incomplete) {
    const fitting = rules.filter((rule) => fits(rule, entry));
    for (const rule of fitting) used.add(rule);
    const rule = fitting.find(({ expires }) => expires > now.getTime());
    if (rule === undefined) open.push(entry);
    else {
      const { source, reason, expires } = rule;
      accepted.push({ ...entry, accepted: { source, reason, expires: dayOf(expires) } });
    }
  }
  const notices = rules.flatMap((rule) => {
    if (rule.expires <= now.getTime())
      return `${rule.source}: ${nameOf(rule)} expired on ${dayOf(rule.expires)} and no longer accepts entries`;
    return used.has(rule) || rule.expires === Number.POSITIVE_INFINITY
      ? []
      : `${rule.source}: ${nameOf(rule)} matches no entry of "incomplete". Remove it`;
  });
  return { open, accepted, notices };
}

function fits({ kinds, paths, whats }: AcceptEntry, { kind, what, where }: CoverageEntry): boolean {
  // `app.jar:lib/inner.jar` is also at `app.jar`.
  const places = [where, where.replace(/:.*$/s, '')];
  return (
    (kinds.length === 0 || kinds.includes(kind)) &&
    (whats.length === 0 || whats.some((pattern) => matchesGlob(pattern.replaceAll('*', '**'), what))) &&
    (paths.length === 0 ||
      paths.some((pattern) =>
        places.some((place) => place !== '' && matchesGlob(pattern.replace(/^\.?\/+/, ''), place)),
      ))
  );
}

/** '' of no day. */
function dayOf(time: number): string {
  if (time === Number.POSITIVE_INFINITY) return '';
  return new Date(time).toISOString().slice(0, 10);
}

function nameOf({ kinds, paths, whats }: AcceptEntry): string {
  return [...kinds, ...whats, ...paths].join(' ');
}
