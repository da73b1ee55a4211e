/** Vulnerabilities of Debian and Ubuntu as Clair writes them, read back into what their feeds say. */

import type { ForeignVulnerability } from '../../contract/foreign.ts';
import { advisoryOf } from '../../formats/clair/foreign.ts';
import type { Advisory } from '../../model/advisory.ts';
import { scopeKeyOf } from './releases.ts';

/** One, none if the package never was affected. */
export function advisoriesOf(foreign: ForeignVulnerability): readonly Advisory[] {
  const { distribution, repository, fixedInVersion, assertsUnaffected } = foreign;
  const scope = scopeKeyOf(distribution);
  if (scope === undefined || repository.name !== '') return [];
  const fixed = fixedInVersion.trim();
  const isUbuntu = distribution.did === 'ubuntu';
  // '0': Debian's word for "never affected"; in Ubuntu's OVAL it means that there is no fix.
  if (fixed === '0' && !isUbuntu && !assertsUnaffected) return [];
  return [
    advisoryOf(foreign, {
      scope,
      kind: isUbuntu ? 'binary' : 'source',
      interval: fixed === '' || fixed === '0' ? {} : { below: fixed },
    }),
  ];
}
