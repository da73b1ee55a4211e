/** Vulnerabilities of the OSV database as Clair writes them, read back: an ecosystem says how its own look. */

import type { Ecosystem } from '../../contract/ecosystem.ts';
import type { Bounds, ForeignVulnerability } from '../../contract/foreign.ts';
import type { Repository } from '../../model/package.ts';
import { normalizedSemver, parseSemver } from '../versions/semver.ts';
import { advisoryOf } from './foreign.ts';

export interface ForeignOsv {
  readonly scope: string;
  /** Clair knows it by its name. */
  readonly repository: Repository;
  readonly normaliseName?: (name: string) => string;
  /**
   * Where the versions are: in a URL query in `fixed_in_version`; there the fix, and both ends as three numbers in
   * `range`; or only the fix.
   */
  readonly versions: 'query' | 'semver' | 'text';
  /** Of the package URLs that Clair has in place of names: `cargo`. */
  readonly purlType?: string;
}

/** `advisoriesOf` of an ecosystem, and `rangeOf` where Clair has one. */
export function foreignOsv(options: ForeignOsv): Pick<Ecosystem, 'advisoriesOf' | 'rangeOf'> {
  const { scope, repository, normaliseName, versions, purlType } = options;
  const intervalOf = { query: ofQuery, semver: ofRange, text: ofText }[versions];
  return {
    advisoriesOf(foreign) {
      if (foreign.repository.name !== repository.name) return [];
      const shown = purlType === undefined ? foreign : named(foreign, purlType);
      const { name } = shown.package;
      return [
        advisoryOf(shown, {
          scope,
          kind: 'binary',
          name: normaliseName?.(name) ?? name,
          interval: intervalOf(foreign),
        }),
      ];
    },
    ...(versions === 'semver' && { rangeOf }),
  };
}

/** By its name, where Clair has a package URL. */
function named(foreign: ForeignVulnerability, purlType: string): ForeignVulnerability {
  const [, path] = new RegExp(`^pkg:${purlType}/([^?#@]+)`).exec(foreign.package.name) ?? [];
  if (path === undefined) return foreign;
  return { ...foreign, package: { ...foreign.package, name: decoded(path) } };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function ofText({ fixedInVersion }: ForeignVulnerability): Bounds {
  return fixedInVersion === '' ? {} : { below: fixedInVersion };
}

function ofQuery(foreign: ForeignVulnerability): Bounds {
  const { fixedInVersion } = foreign;
  // differs: a version alone is the fix; Clair takes every version for vulnerable then (clair-matching.md#selecting-advisories)
  if (!fixedInVersion.includes('=')) return ofText(foreign);
  const query = new URLSearchParams(fixedInVersion);
  const [fixed, introduced, lastAffected] = ['fixed', 'introduced', 'lastAffected'].map(
    (key) => query.get(key) || undefined,
  );
  return {
    ...(introduced !== undefined && { from: introduced }),
    ...(fixed !== undefined ? { below: fixed } : lastAffected !== undefined && { upTo: lastAffected }),
  };
}

/** What Clair writes for "no end" into the first of ten numbers. */
const NO_END = 65535;

/**
 * The ends of a range have lost their pre-releases, as versions have in Clair: they stand for the lowest one. The fix
 * says more than the upper end. Without a range (Clair's database loses them) the fix is all there is.
 */
function ofRange(foreign: ForeignVulnerability): Bounds {
  const lower = numbersOf(foreign.range?.lower);
  const upper = numbersOf(foreign.range?.upper);
  if (lower === undefined || upper === undefined) return ofText(foreign);
  const from = lower.slice(1).some((number) => number !== 0) ? lowestOf(lower) : undefined;
  return {
    ...(from !== undefined && { from }),
    ...(foreign.fixedInVersion !== ''
      ? { below: foreign.fixedInVersion }
      : upper[0] === 0 && { below: lowestOf(upper) }),
  };
}

function numbersOf(text: string | undefined): number[] | undefined {
  const numbers = /^semver:(-?\d{1,10}(?:\.-?\d{1,10}){9})$/
    .exec(text ?? '')?.[1]
    ?.split('.')
    .map(Number);
  return numbers?.every((number) => number >= 0) ? numbers : undefined;
}

function lowestOf([, major, minor, patch]: readonly number[]): string {
  return `${major}.${minor}.${patch}-0`;
}

function rangeOf({ from, below, upTo }: Bounds): ForeignVulnerability['range'] {
  const lower = from === undefined ? NOTHING : normalized(from);
  const upper =
    below !== undefined ? normalized(below) : upTo === undefined ? `semver:${NO_END}${ZEROS}` : next(upTo);
  return lower === undefined || upper === undefined ? undefined : { lower, upper };
}

const ZEROS = '.0'.repeat(9);
const NOTHING = `semver:0${ZEROS}`;

function normalized(text: string): string | undefined {
  const version = parseSemver(text.trim(), { prefixV: true, lenient: true });
  return version && normalizedSemver(version);
}

function next(text: string): string | undefined {
  const numbers = numbersOf(normalized(text));
  if (numbers === undefined) return undefined;
  numbers[3] = Math.min(numbers[3]! + 1, 0x7fffffff);
  return `semver:${numbers.join('.')}`;
}
