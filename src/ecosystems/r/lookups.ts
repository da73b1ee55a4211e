/** What of an R package is looked up in the advisories. */
import type { Lookup } from '../../contract/lookup.ts';
import type { IndexRecord } from '../../model/index-report.ts';
import type { Repository } from '../../model/package.ts';
import { lookupsOf } from '../osv-language.ts';

/** Where most R packages come from. */
export const CRAN: Repository = { name: 'cran', uri: 'https://cran.r-project.org/' };

/** Where those for biology come from. */
export const BIOCONDUCTOR: Repository = { name: 'bioconductor', uri: 'https://bioconductor.org/' };

/** The one scope of all packages of CRAN. */
export const CRAN_SCOPE = 'cran';

const ofCran = lookupsOf({ scope: CRAN_SCOPE, repository: CRAN });

/** A package at its version. In a layer that has packages of both registries their detector tells them apart. */
export function lookups(record: IndexRecord): readonly Lookup[] {
  return record.package.detector?.startsWith('bioconductor') ? [] : ofCran(record);
}
