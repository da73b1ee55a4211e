/** `json`: our own stable schema (docs/reference/report-schema.md), with Clair's report in it. */
import type { FormatInput } from './view.ts';

export function json({ view, result }: FormatInput): string {
  return `${JSON.stringify({ ...view, report: result.report })}\n`;
}
