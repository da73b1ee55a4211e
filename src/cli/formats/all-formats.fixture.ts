/** For tests: all formats at once. */
import { FORMAT_NAMES, type Format, type FormatName, loadFormat } from './load-format.ts';

export const FORMATS = Object.fromEntries(
  await Promise.all(FORMAT_NAMES.map(async (name) => [name, await loadFormat(name)] as const)),
) as Readonly<Record<FormatName, Format>>;
