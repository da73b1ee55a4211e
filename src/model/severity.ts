/** Clair's normalised severities, weakest first. */
export const SEVERITIES = ['Unknown', 'Negligible', 'Low', 'Medium', 'High', 'Critical'] as const;

export type Severity = (typeof SEVERITIES)[number];

/** 0 (Unknown) to 5 (Critical). */
export function rankOf(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}

/** Reads a severity in any case; undefined if it is none of Clair's. */
export function parseSeverity(text: string): Severity | undefined {
  const wanted = text.toLowerCase();
  return SEVERITIES.find((severity) => severity.toLowerCase() === wanted);
}
