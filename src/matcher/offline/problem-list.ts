/** The problems of one operation: the first with their texts, all others counted. */
import type { Problem } from '../../model/package.ts';

const KEPT = 100;
const REASON_LIMIT = 1000;

export interface ProblemList {
  readonly kept: readonly Problem[];
  readonly count: number;
  add(where: string, reason: string): void;
}

/** An empty list of problems of `source`. */
export function problemList(source: string): ProblemList {
  const kept: Problem[] = [];
  let count = 0;
  return {
    kept,
    get count() {
      return count;
    },
    add(where, reason) {
      count++;
      if (kept.length < KEPT) kept.push({ source, where: storable(where), reason: storable(reason) });
    },
  };
}

/** What PostgreSQL's JSON can hold: no NUL, no half of a character. */
function storable(text: string): string {
  return text.slice(0, REASON_LIMIT).toWellFormed().replaceAll('\0', '\uFFFD');
}
