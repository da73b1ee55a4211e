/** What a scan's exit code says. */

import type { ScanResult } from '../outcome/scan-result.ts';
import { type Gate, type Gated, hitsOf } from './gate.ts';

export const EXIT = {
  /** Nothing at or above the gate, and everything was checked. */
  ok: 0,
  /** The scan could not be done. */
  error: 1,
  /** Something that `--fail-on` names. */
  gate: 2,
  /** A distribution or ecosystem of the image has no loaded feed, only the example feeds were there, or see `nothingFound`. */
  incomplete: 3,
} as const;

/** `hit`: the code of a hit; 0 says nothing of it. A hit of the gate outweighs incompleteness, because it is certain; the example bundle can prove neither. */
export function exitCodeOf(
  result: ScanResult,
  findings: readonly Gated[],
  gate: Gate | undefined,
  hit: number = EXIT.gate,
): number {
  if (result.example !== undefined) return EXIT.incomplete;
  if (gate !== undefined && hit !== EXIT.ok) {
    if (hitsOf(gate, findings, unaccountedOf(result)).length > 0) return hit;
    if (isUncounted(result, gate)) return EXIT.incomplete;
  }
  return result.incomplete.length > 0 ? EXIT.incomplete : EXIT.ok;
}

/** How many files that can run nobody accounts for. */
export function unaccountedOf({ report }: ScanResult): number | undefined {
  return report.ledger?.accounts.unaccounted.files;
}

/** Whether the gate asks for what nobody has counted: an SBOM does not tell of all files. */
export function isUncounted(result: ScanResult, gate: Gate | undefined): boolean {
  return gate?.unaccounted === true && unaccountedOf(result) === undefined;
}
