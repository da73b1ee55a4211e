/** What the ecosystems have in common when they read vulnerabilities as Clair writes them. */
import type { Bounds, ForeignVulnerability } from '../../contract/foreign.ts';
import { AppError } from '../../errors.ts';
import type { Advisory } from '../../model/advisory.ts';
import type { PackageKind } from '../../model/package.ts';

/** What an ecosystem found out about a vulnerability. */
export interface ForeignReading {
  readonly scope: string;
  /** Of a package that does not say its own. */
  readonly kind: PackageKind;
  /** As it is compared; default: as written. */
  readonly name?: string;
  readonly interval: Bounds;
  readonly arches?: readonly string[];
  readonly shownArch?: string;
  /** Of the vulnerability; default: as written. */
  readonly id?: string;
}

/** The advisory that a reading comes to. Throws `bad-request` if it names no package, or one of an unknown kind. */
export function advisoryOf(foreign: ForeignVulnerability, reading: ForeignReading): Advisory {
  const { package: pkg, vulnerability, assertsUnaffected, fixedInVersion, bounds, code } = foreign;
  if (pkg.name === '')
    throw new AppError('bad-request', `vulnerability ${quoted(vulnerability.name)}: package.name is empty`);
  const name = reading.name ?? pkg.name;
  const { id = vulnerability.name, arches, shownArch } = reading;
  return {
    scope: reading.scope,
    name,
    kind: kindOf(foreign, reading.kind),
    ...(pkg.module && { module: pkg.module }),
    ...(arches && { arches }),
    ...(bounds ?? reading.interval),
    ...(name !== pkg.name && { shownName: pkg.name }),
    ...(shownArch !== undefined && { shownArch }),
    ...(assertsUnaffected && { assertsUnaffected }),
    fixedInVersion,
    ...(code && { code }),
    vulnerability:
      id === vulnerability.name
        ? vulnerability
        : { ...vulnerability, name: id, links: vulnerability.links.replaceAll(vulnerability.name, () => id) },
  };
}

const KINDS: readonly PackageKind[] = ['source', 'binary', 'layer', 'ancestry'];

/** That of the package, `missing` if it says none. */
function kindOf({ package: pkg, vulnerability }: ForeignVulnerability, missing: PackageKind): PackageKind {
  if (pkg.kind === '') return missing;
  const kind = KINDS.find((each) => each === pkg.kind);
  if (kind !== undefined) return kind;
  throw new AppError(
    'bad-request',
    `vulnerability ${quoted(vulnerability.name)}: package.kind is ${quoted(pkg.kind)}, expected one of ${KINDS.join(', ')}`,
  );
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}
