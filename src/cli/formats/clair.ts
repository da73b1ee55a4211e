/** `clair`: Clair's VulnerabilityReport, as its API and clairctl give it. */
import type { FormatInput } from './view.ts';

export function clair({ result: { report, example } }: FormatInput): string {
  // Clair's own members have no place for it, ours have.
  const untrue = {
    what: 'all packages',
    reason: example ?? '',
    packages: Object.keys(report.packages).length,
  };
  const whole = example === undefined ? report : { ...report, incomplete: [...report.incomplete, untrue] };
  return `${JSON.stringify(whole)}\n`;
}
