/** What of a program is looked up in the advisories. */
import type { Lookup } from '../../contract/lookup.ts';
import type { IndexRecord } from '../../model/index-report.ts';
import type { Repository } from '../../model/package.ts';
import { comparableVersion } from './comparable.ts';
import { PRODUCTS } from './products.ts';

/** Where programs are from that no package brought: their makers. */
export const UPSTREAM: Repository = { name: 'upstream' };

/** The scope of Bitnami's database. */
export const BITNAMI_SCOPE = 'bitnami';

/** How the scopes begin that no feed has: a program there is told as not checked. */
export const UNFED_SCOPE = 'program:';

/** A program by its name; of one that is in no table of ours, Bitnami may know it. */
export function lookups({ package: found, repository }: IndexRecord): readonly Lookup[] {
  if (repository?.name !== UPSTREAM.name || found.kind !== 'binary') return [];
  const { name, version } = found;
  const product = PRODUCTS.get(name);
  if (product !== undefined && product.feed === undefined)
    return [{ scope: `${UNFED_SCOPE}${name}`, name, kind: 'binary', version }];
  return [{ scope: BITNAMI_SCOPE, name, kind: 'binary', version: comparableVersion(name, version) }];
}
