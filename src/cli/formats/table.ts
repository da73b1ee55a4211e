/** `table`: for people at a terminal. */
import { formatBasis, formatTable } from '../format-table.ts';
import type { FormatInput } from './view.ts';

export function table({ result, matches, color, now }: FormatInput): string {
  return formatTable(result, matches, { color }) + formatBasis(result, now);
}
