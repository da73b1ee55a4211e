/** `table`: for people at a terminal. */
import { formatBasis, formatTable } from './format-table.ts';
import type { FormatInput } from './view.ts';

export function table(input: FormatInput): string {
  return formatTable(input) + formatBasis(input.result, input.now, input.color, input.columns);
}
