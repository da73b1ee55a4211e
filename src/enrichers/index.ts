/** All that knows something of CVEs, whatever the package. */
import type { Enricher } from '../contract/enricher.ts';
import * as list from './list.ts';

/** In the order of their names. */
export const enrichers: readonly Enricher[] = Object.values<Enricher>(list).sort((a, b) =>
  a.name < b.name ? -1 : 1,
);
