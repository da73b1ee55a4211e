/** Severity of a CVSS score, for formats that require one. */
import type { Severity } from '../../model/severity.ts';

/** Returns the severity of a score (CVSS 3.1, "Qualitative Severity Rating Scale"); undefined for 0, "None". */
export function severityOfScore(score: number): Severity | undefined {
  if (score >= 9) return 'Critical';
  if (score >= 7) return 'High';
  if (score >= 4) return 'Medium';
  return score >= 0.1 ? 'Low' : undefined;
}
