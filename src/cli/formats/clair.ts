/** `clair`: the VulnerabilityReport of Clair's API. */
import type { IncompleteWire } from '../../matcher/report/report-wire.ts';
import type { FormatInput } from './view.ts';

export function clair({ result: { report, example } }: FormatInput): string {
  // Clair's own members have no place for it, ours have.
  const { length } = Object.keys(report.packages);
  const untrue: IncompleteWire = {
    kind: 'feed-not-loaded',
    what: 'all packages',
    where: '',
    reason: example ?? '',
    count: length,
    packages: length,
  };
  const whole = example === undefined ? report : { ...report, incomplete: [...report.incomplete, untrue] };
  return `${JSON.stringify(whole)}\n`;
}
