/** Vulnerabilities of distributions with rpm as Clair writes them, read back into what their feeds say. */

import type { Bounds, ForeignVulnerability } from '../../contract/foreign.ts';
import { advisoryOf } from '../../formats/clair/foreign.ts';
import type { Advisory } from '../../model/advisory.ts';
import type { Distribution } from '../../model/package.ts';
import { NAMED_BY_SOURCE } from './feeds/osv-distributions.ts';
import { amazonBesideKey } from './scopes/amazon-repositories.ts';
import { archesOfPattern } from './scopes/arch-pattern.ts';
import { placeOf } from './scopes/fedora-modules.ts';
import { scopeKeyOf } from './scopes/releases.ts';

/** One; none if nothing is below the fix. */
export function advisoriesOf(foreign: ForeignVulnerability): readonly Advisory[] {
  const { distribution, repository } = foreign;
  const scope =
    repository.name === '' && repository.key === ''
      ? scopeOf(distribution, foreign.package.module)
      : amazonBesideKey(distribution, repository);
  const interval = boundsOf(foreign);
  if (scope === undefined || interval === undefined) return [];
  const kind = NAMED_BY_SOURCE.has(scope) ? 'source' : 'binary';
  return [advisoryOf(foreign, { scope, kind, interval, ...archesOf(foreign) })];
}

/** Of a release of SLES: of one service pack, if the vulnerability tells it. Modules of Fedora are apart. */
function scopeOf(distribution: Distribution, module: string): string | undefined {
  const { servicePack } = distribution;
  const release = scopeKeyOf(distribution);
  if (release === undefined) return undefined;
  return servicePack === undefined ? placeOf(release, module) : `${release}.${servicePack}`;
}

/** undefined: no version is affected, as SUSE says it. */
export function boundsOf({ fixedInVersion, package: pkg, bounds }: ForeignVulnerability): Bounds | undefined {
  const fixed = fixedInVersion.trim();
  if (fixed === '0:0-0' && bounds === undefined) return undefined;
  if (fixed !== '') return { below: fixed };
  return pkg.version === '' ? {} : { upTo: pkg.version };
}

/** An operation that cannot be told by names of architectures holds for all of them: never silently safe. */
export function archesOf({
  archOp,
  package: { arch },
}: ForeignVulnerability): Pick<Advisory, 'arches' | 'shownArch'> {
  if (arch === '' || archOp === 'not equals') return {};
  if (archOp !== 'pattern match') return { arches: [arch] };
  const arches = archesOfPattern(arch);
  return { ...(arches && { arches }), shownArch: arch };
}
