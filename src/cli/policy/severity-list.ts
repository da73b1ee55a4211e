/** `--severity`: which severities are shown. */
import { parseSeverity, rankOf, SEVERITIES, type Severity } from '../../model/severity.ts';

/** `high,critical`, or a minimum: `high+`, `>=high`. undefined: it is neither. */
export function parseSeverities(text: string): ReadonlySet<Severity> | undefined {
  const minimum = /^(?:>=\s*(\w+)|(\w+)\s*\+)$/.exec(text.trim());
  if (minimum !== null) {
    const least = parseSeverity(minimum[1] ?? minimum[2]!);
    return least && new Set(SEVERITIES.filter((severity) => rankOf(severity) >= rankOf(least)));
  }
  const severities = text.split(',').map((word) => parseSeverity(word.trim()));
  return severities.includes(undefined) ? undefined : new Set(severities as Severity[]);
}
