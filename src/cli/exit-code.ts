/** What a scan's exit code says. */
import { rankOf, type Severity } from '../model/severity.ts';
import type { Match, ScanResult } from './scan-result.ts';

export const EXIT = {
  /** Nothing at or above the gate, and everything was checked. */
  ok: 0,
  /** The scan could not be done. */
  error: 1,
  /** Something at or above `--fail-on`. */
  gate: 2,
  /** A distribution or ecosystem of the image has no loaded feed, or only the example feeds were there. */
  incomplete: 3,
} as const;

/** A hit of the gate outweighs incompleteness, because it is certain; the example bundle can prove neither. */
export function exitCodeOf(
  result: ScanResult,
  matches: readonly Match[],
  failOn: Severity | undefined,
): number {
  if (result.example !== undefined) return EXIT.incomplete;
  if (failOn !== undefined && matches.some(({ severity }) => rankOf(severity) >= rankOf(failOn)))
    return EXIT.gate;
  return result.incomplete.length > 0 ? EXIT.incomplete : EXIT.ok;
}
