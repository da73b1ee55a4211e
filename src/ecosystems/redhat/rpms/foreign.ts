/** Vulnerabilities of rpms of Red Hat as Clair writes them, read back into what its feed says. */
import type { ForeignVulnerability } from '../../../contract/foreign.ts';
import { AppError } from '../../../errors.ts';
import { advisoryOf } from '../../../formats/clair/foreign.ts';
import type { Advisory } from '../../../model/advisory.ts';
import { archesOf, boundsOf, advisoriesOf as ofDistribution } from '../../rpm/foreign.ts';
import { namesOfArches } from '../scopes/arches.ts';
import { formatCpe, parseCpe } from '../scopes/cpe.ts';
import { RHEL_PREFIX, RHEL_REPOSITORY } from '../scopes/scopes.ts';

/** One; none if nothing is below the fix. Throws `bad-request` if a repository of Red Hat's is not named by a CPE. */
export function advisoriesOf(foreign: ForeignVulnerability): readonly Advisory[] {
  const { repository } = foreign;
  if (repository.key !== RHEL_REPOSITORY) return ofDistribution(foreign);
  const cpe = parseCpe(repository.name || repository.cpe);
  if (cpe === undefined)
    throw new AppError('bad-request', `repository.name is no CPE: ${repository.name.slice(0, 200)}`);
  const interval = boundsOf(foreign);
  if (interval === undefined) return [];
  const { arches, shownArch } = archesOf(foreign);
  return [
    advisoryOf(foreign, {
      scope: RHEL_PREFIX + formatCpe(cpe),
      kind: foreign.distribution.did === 'rocky' ? 'source' : 'binary',
      interval,
      // Of one that is named alone, the name is as it is in the headers of rpms.
      ...(arches && { arches: shownArch === undefined ? arches : namesOfArches(arches) }),
      ...(shownArch !== undefined && { shownArch }),
    }),
  ];
}
