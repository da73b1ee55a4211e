/** Vulnerabilities of apk packages as Clair writes them, read back into what their feeds say. */

import type { ForeignVulnerability } from '../../contract/foreign.ts';
import { advisoryOf } from '../../formats/clair/foreign.ts';
import type { Advisory } from '../../model/advisory.ts';
import { derivativeKey } from './distributions.ts';
import { idsIn } from './ids.ts';
import { scopeOf } from './lookups.ts';

/** One for each id that Clair left in one name; none if the package never was affected. */
export function advisoriesOf(foreign: ForeignVulnerability): readonly Advisory[] {
  const scope = scopeKeyOf(foreign);
  const { fixedInVersion: fixed, vulnerability, assertsUnaffected, repository } = foreign;
  if (scope === undefined || repository.name !== '' || (fixed === '0' && !assertsUnaffected)) return [];
  const interval = fixed === '' || fixed === '0' ? {} : { below: fixed };
  return idsIn(vulnerability.name).map((id) => advisoryOf(foreign, { scope, kind: 'source', interval, id }));
}

function scopeKeyOf({ distribution }: ForeignVulnerability): string | undefined {
  const derivative = derivativeKey(distribution);
  if (derivative !== undefined) return derivative;
  if (distribution.did !== 'alpine' && distribution.name !== 'Alpine Linux') return undefined;
  const release = distribution.versionId || distribution.version;
  return /^(edge|\d+\.\d+)$/.test(release) ? scopeOf(release) : undefined;
}
