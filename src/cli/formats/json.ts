/** `json`: the stable schema of this project (docs/reference/report-schema.md), which includes Clair's report. */
import type { FormatInput } from './view.ts';

export function json({ view, result }: FormatInput): string {
  return `${JSON.stringify({ ...view, report: result.report })}\n`;
}
