/** Bitnami's database of vulnerabilities of upstream versions, as OSV has it (github.com/bitnami/vulndb). */
import type { FeedSet } from '../../contract/feed.ts';
import type { OsvOptions } from '../../formats/osv/options.ts';
import { osv } from '../../formats/osv/osv.ts';
import { listOf, recordOf } from '../../model/json-object.ts';
import { BITNAMI_SCOPE, UPSTREAM } from './lookups.ts';
import { PRODUCTS } from './products.ts';
import { programVersions } from './version.ts';

/**
 * Whether a record is about `name` itself: some are about plugins and clients of it, whose versions are of another order.
 * A program that we have no products of, and a record that names none, are taken as they are.
 */
function isAboutProgram(record: unknown, name: string): boolean {
  const products = PRODUCTS.get(name)?.cpes ?? [];
  const named = listOf(recordOf(recordOf(record).database_specific).cpes);
  if (products.length === 0 || named.length === 0 || !named.every(isText)) return true;
  return named.some((cpe) => products.includes(productOf(cpe)));
}

const isText = (value: unknown): value is string => typeof value === 'string';

/** `vendor:product` of `cpe:2.3:a:vendor:product:…`. */
function productOf(cpe: string): string {
  const [, , , vendor, product] = cpe.split(/(?<!\\):/);
  return `${vendor}:${product}`.replaceAll(/\\(.)/g, '$1').toLowerCase();
}

/** How its records are read. */
export const BITNAMI: OsvOptions = {
  dump: 'Bitnami',
  mirrorsMayLack: true,
  scope: { key: BITNAMI_SCOPE, repository: UPSTREAM },
  versions: programVersions,
  ranges: ['SEMVER', 'ECOSYSTEM'],
  encodeFixed: 'query',
  // People write its records: of a slip of the pen, what it may mean is worth telling.
  sortsInverted: true,
  isAbout: isAboutProgram,
};

/** The feed `osv/bitnami`. */
export const bitnamiFeeds: FeedSet = osv(BITNAMI);
