/** Vulnerabilities of Red Hat's containers as Clair writes them, read back into what their feed says. */

import type { Bounds, ForeignVulnerability } from '../../../contract/foreign.ts';
import { AppError } from '../../../errors.ts';
import { advisoryOf } from '../../../formats/clair/foreign.ts';
import type { Advisory } from '../../../model/advisory.ts';
import { namesOfArches } from '../scopes/arches.ts';
import { formatCpe, parseCpe } from '../scopes/cpe.ts';
import { RHCC_PREFIX, RHCC_REPOSITORY } from '../scopes/scopes.ts';
import { parseRhcTag } from './version.ts';

/** One. Throws `bad-request` if its repository is not named by a CPE. */
export function advisoriesOf(foreign: ForeignVulnerability): readonly Advisory[] {
  const { repository, fixedInVersion, range, package: pkg } = foreign;
  if (repository.key !== RHCC_REPOSITORY) return [];
  const cpe = parseCpe(repository.name || repository.cpe);
  if (cpe === undefined)
    throw new AppError('bad-request', `repository.name is no CPE: ${repository.name.slice(0, 200)}`);
  const from = releaseAt(range?.lower);
  return [
    advisoryOf(foreign, {
      scope: RHCC_PREFIX + formatCpe(cpe),
      kind: 'binary',
      interval: { ...(from && { from }), ...(fixedInVersion && { below: fixedInVersion }) },
      ...(pkg.arch && { arches: namesOfArches(pkg.arch.split('|')), shownArch: pkg.arch }),
    }),
  ];
}

/** `4.13` of `rhctag:4.13.0.0.0.0.0.0.0.0`; undefined for the beginning of all, or what is no version. */
function releaseAt(text = ''): string | undefined {
  const [, major, minor] = /^rhctag:(\d+)\.(\d+)(?:\.-?\d+){8}$/.exec(text) ?? [];
  return major === undefined || (major === '0' && minor === '0') ? undefined : `${major}.${minor}`;
}

const MAX = 0x7fffffff;
const ZEROS = '.0'.repeat(7);

/** Clair's range of a release: from its first number to the fix's, at whatever patch. */
export function rangeOf({ from, below, upTo }: Bounds): ForeignVulnerability['range'] {
  const lower = from === undefined ? `rhctag:0.0.0${ZEROS}` : rangeEnd(from, 0);
  const end = below ?? upTo;
  const upper = end === undefined ? `rhctag:${MAX}.0.0${ZEROS}` : rangeEnd(end, MAX);
  return lower === undefined || upper === undefined ? undefined : { lower, upper };
}

function rangeEnd(text: string, patch: number): string | undefined {
  const tag = parseRhcTag(text);
  if (tag === undefined) return undefined;
  const [major, minor] = [tag.major, tag.minor].map((digits) => Math.min(Number(digits || '0'), MAX));
  return `rhctag:${major}.${minor}.${patch}${ZEROS}`;
}
