/** How much of the machine nobody used for a while. */
import { cpus } from 'node:os';

/**
 * A meter that tells how many CPUs had nothing to do since it was made or asked before, of all processes: 1.5 are one and a
 * half. Infinity where the system does not tell.
 */
export function idleMeter(): () => number {
  let before = times();
  return () => {
    const now = times();
    const [idle, all] = [now.idle - before.idle, now.all - before.all];
    before = now;
    return all > 0 ? (idle / all) * now.count : Number.POSITIVE_INFINITY;
  };
}

/** ms since the system started, summed over its CPUs. */
function times(): { readonly idle: number; readonly all: number; readonly count: number } {
  const known = cpus().map(({ times }) => times);
  return {
    idle: sum(known.map(({ idle }) => idle)),
    all: sum(known.flatMap((each) => Object.values(each))),
    count: known.length,
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
