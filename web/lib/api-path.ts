/** Paths of the console's API for what an address wants. */
import { queryText } from './nav.ts';

/** `path` with those parameters of the address that are named, and `more`; undefined values are left out. */
export function apiPath(
  path: string,
  query: URLSearchParams,
  names: readonly string[],
  more: Readonly<Record<string, string | undefined>> = {},
): string {
  const wanted = new URLSearchParams();
  for (const name of names) {
    const value = query.get(name);
    if (value !== null && value !== '') wanted.set(name, value);
  }
  for (const [name, value] of Object.entries(more)) if (value !== undefined) wanted.set(name, value);
  return `${path}${queryText(wanted)}`;
}

/** What of an image's findings is wanted: parameters that the lists of findings and packages share. */
export const FINDING_FILTERS = [
  'severity',
  'exploited',
  'fix',
  'epss',
  'type',
  'layer',
  'origin',
  'decided',
  'q',
] as const;
