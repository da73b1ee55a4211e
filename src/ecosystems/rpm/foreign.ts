/** Vulnerabilities of distributions with rpm as Clair writes them, read back into what their feeds say. */

import type { Bounds, ForeignVulnerability } from '../../contract/foreign.ts';
import { AppError } from '../../errors.ts';
import { advisoryOf } from '../../formats/clair/foreign.ts';
import type { Advisory } from '../../model/advisory.ts';
import { namesOfArches } from '../redhat/scopes/arches.ts';
import { formatCpe, parseCpe } from '../redhat/scopes/cpe.ts';
import { RHEL_PREFIX, RHEL_REPOSITORY } from '../redhat/scopes/scopes.ts';
import { archesOfPattern } from './arch-pattern.ts';
import { scopeKeyOf } from './releases.ts';

/** One; none if nothing is below the fix. Throws `bad-request` if a repository of Red Hat's is not named by a CPE. */
export function advisoriesOf(foreign: ForeignVulnerability): readonly Advisory[] {
  const scope = scopeOf(foreign);
  const interval = boundsOf(foreign);
  if (scope === undefined || interval === undefined) return [];
  const kind = foreign.distribution.did === 'rocky' ? 'source' : 'binary';
  return [advisoryOf(foreign, { scope, kind, interval, ...archesOf(foreign) })];
}

function scopeOf({ distribution, repository }: ForeignVulnerability): string | undefined {
  if (repository.key !== RHEL_REPOSITORY)
    return repository.name === '' && repository.key === '' ? scopeKeyOf(distribution) : undefined;
  const cpe = parseCpe(repository.name || repository.cpe);
  if (cpe === undefined)
    throw new AppError('bad-request', `repository.name is no CPE: ${repository.name.slice(0, 200)}`);
  return RHEL_PREFIX + formatCpe(cpe);
}

/** undefined: no version is affected, as SUSE says it. */
function boundsOf({ fixedInVersion, package: pkg, bounds }: ForeignVulnerability): Bounds | undefined {
  const fixed = fixedInVersion.trim();
  if (fixed === '0:0-0' && bounds === undefined) return undefined;
  if (fixed !== '') return { below: fixed };
  return pkg.version === '' ? {} : { upTo: pkg.version };
}

/** An operation that cannot be told by names of architectures holds for all of them: never silently safe. */
function archesOf({
  archOp,
  repository,
  package: { arch },
}: ForeignVulnerability): Pick<Advisory, 'arches' | 'shownArch'> {
  if (arch === '' || archOp === 'not equals') return {};
  if (archOp !== 'pattern match') return { arches: [arch] };
  const arches = archesOfPattern(arch);
  const isRedHat = repository.key === RHEL_REPOSITORY;
  return { ...(arches && { arches: isRedHat ? namesOfArches(arches) : arches }), shownArch: arch };
}
