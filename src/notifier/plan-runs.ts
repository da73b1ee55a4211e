/** Which runs of an updater are to be told about: none is skipped, and none twice. */
import type { Run } from './sources.ts';

/** What the first load of a feed means: where counting begins, or news. */
export type Baseline = 'skip' | 'notify';

/** One step: from the state after `prev` (undefined: from nothing) to that after `cur`. */
export interface Step {
  readonly cur: Run;
  readonly prev: Run | undefined;
}

export interface Plan {
  /** Where counting begins: this run is taken as known. */
  readonly baseline?: Run;
  /** Oldest first. */
  readonly steps: readonly Step[];
  /** What could not be had, for the log. */
  readonly gap?: string;
}

/**
 * `runs`: the newest first. `last`: the one that was processed last; undefined: the feed was loaded for the first time
 * since notifications are made.
 */
export function planRuns(runs: readonly Run[], last: Run | undefined, baseline: Baseline): Plan {
  const newest = runs[0];
  if (newest === undefined) return { steps: [] };
  if (last === undefined) {
    if (baseline === 'notify') return { steps: [{ cur: newest, prev: undefined }] };
    // differs: the first load of a feed is where counting begins, and floods no one (clair-service.md#first-update)
    return { baseline: runs.at(-1)!, steps: stepsAfter(runs, runs.length - 1) };
  }
  const place = runs.findIndex(({ ref }) => ref === last.ref);
  if (place >= 0) return { steps: stepsAfter(runs, place) };

  // The matcher has forgotten it. What is later than it is still to be told about.
  const before = runs.findIndex(({ date }) => timeOf(date) <= timeOf(last.date));
  if (before === 0) return { steps: [] };
  if (before > 0) {
    const gap = 'the last processed run was deleted: its changes may be notified again';
    return { steps: stepsAfter(runs, before), gap };
  }
  const oldest = runs.at(-1)!;
  const gap =
    'the matcher has forgotten the last processed run: what changed before the oldest kept one is lost';
  return { baseline: oldest, steps: stepsAfter(runs, runs.length - 1), gap };
}

/** From the run at `place` to the newest, one by one. */
function stepsAfter(runs: readonly Run[], place: number): Step[] {
  return runs
    .slice(0, place)
    .map((cur, index) => ({ cur, prev: runs[index + 1]! }))
    .reverse();
}

function timeOf(date: string): number {
  return Date.parse(date);
}
