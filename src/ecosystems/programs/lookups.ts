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

/** The scope of what the NVD says of programs, and where its advisories are from. */
export const NVD_SCOPE = 'nvd';
export const NVD: Repository = { name: 'nvd', uri: 'https://nvd.nist.gov/' };

/** How the scopes begin that no feed has: a program there is told as not checked. */
export const UNFED_SCOPE = 'program:';

/** A program by its name; of one that is in no table of ours, Bitnami may know it. What the NVD has is the other one's. */
export function lookups(record: IndexRecord): readonly Lookup[] {
  const { name, version } = record.package;
  const product = PRODUCTS.get(name);
  if (!isProgram(record) || product?.feed === 'nvd') return [];
  if (product !== undefined && product.feed === undefined)
    return [{ scope: `${UNFED_SCOPE}${name}`, name, kind: 'binary', version }];
  return [{ scope: BITNAMI_SCOPE, name, kind: 'binary', version: comparableVersion(name, version) }];
}

/** A program that the NVD is asked about, at its version as its maker writes it. */
export function nvdLookups(record: IndexRecord): readonly Lookup[] {
  const { name, version } = record.package;
  const isOfNvd = record.repository?.name === NVD.name && record.package.kind === 'binary';
  if (!isOfNvd && !(isProgram(record) && PRODUCTS.get(name)?.feed === 'nvd')) return [];
  return [{ scope: NVD_SCOPE, name, kind: 'binary', version }];
}

function isProgram({ package: { kind }, repository }: IndexRecord): boolean {
  return repository?.name === UPSTREAM.name && kind === 'binary';
}
