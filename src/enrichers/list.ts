/** Every enricher: a folder, and one line here. */
export { cvss } from './cvss/feed.ts';
export { endOfLife } from './end-of-life/feed.ts';
export { epss } from './epss/feed.ts';
export { kev } from './kev/feed.ts';
