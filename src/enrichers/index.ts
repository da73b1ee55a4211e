/** All that knows something of CVEs, whatever the package. */
import type { Enricher } from '../contract/enricher.ts';
import { cvss } from './cvss/feed.ts';
import { endOfLife } from './end-of-life/feed.ts';
import { epss } from './epss/feed.ts';
import { kev } from './kev/feed.ts';

/** In the order of their names. */
export const enrichers: readonly Enricher[] = [cvss, epss, kev, endOfLife];
