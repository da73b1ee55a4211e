/** Where a hit of the search leads, and a text that no hit was chosen for. */
import type { SearchHits } from '../../src/model/api/console/types.ts';
import type { Nav } from './nav.ts';

export type Hit = SearchHits['hits'][number];

/** `CVE-2021-44228`, `RHSA-2023:1234`, `GHSA-…`, `USN-1234-1`; `glibc-2.36` is none. */
const ID = /^(?:[a-z]+(?:-[a-z]+)?-\d{4}[-:]\d+\S*|GHSA(?:-\w{4}){3}|(?:DSA|DLA|USN)-\d+-\d+)$/i;

export function hitHref(nav: Nav, { kind, id }: Hit): string {
  if (kind === 'cve') return nav.href(['cves', id]);
  if (kind === 'image') return nav.href(['images', id]);
  const slash = id.indexOf('/');
  return nav.href(['packages', id.slice(0, slash), ...id.slice(slash + 1).split('/')]);
}

export function directHref(nav: Nav, text: string): string {
  if (/^sha(256|512):[0-9a-f]{64,128}$/i.test(text)) return nav.href(['images', text.toLowerCase()]);
  if (ID.test(text)) return nav.href(['cves', /^GHSA/i.test(text) ? text : text.toUpperCase()]);
  if (text.startsWith('pkg:')) return nav.href(['packages'], { q: text });
  return nav.href(['search'], { q: text });
}
