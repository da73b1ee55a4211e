/** Tells whether the code that advisories are about is in the programs that have the package. */
import type { Ecosystem } from '../../contract/ecosystem.ts';
import { hashOfClass, hashOfFunction } from '../../formats/programs/function-hash.ts';
import { decodeFilter, type NameFilter } from '../../lib/name-filter.ts';
import type { IndexReport } from '../../model/index-report.ts';
import type { LinkedProgram } from '../../model/linked-code.ts';
import type { VulnerableCode, VulnerablePackage } from '../../model/vulnerable-code.ts';
import type { Shown } from '../shown/shown.ts';

/**
 * `no`: none of the vulnerable functions, or packages, is in the program. `package`: a package is all of which is vulnerable. `symbol`: a
 * vulnerable function is. `unknown`: the advisories do not say which code it is, or nobody can tell what is in the program.
 */
export type LinkedState = 'no' | 'package' | 'symbol' | 'unknown';

export interface LinkedVerdict {
  readonly state: LinkedState;
  /** Functions or packages that decided: those that are there, or of `no` those that are not. At most `MOST_NAMES`. */
  readonly names: readonly string[];
}

const MOST_NAMES = 20;
/** What one of several says counts for all: the first of these. */
const ORDER: readonly LinkedState[] = ['symbol', 'package', 'unknown', 'no'];
const UNKNOWN: LinkedVerdict = { state: 'unknown', names: [] };

/** Decides for findings of one report. */
export class LinkedJudge {
  readonly #report: IndexReport;
  readonly #ecosystems: readonly Ecosystem[];
  /** Of one place there may be several: members of an archive that are called alike. */
  readonly #programs: ReadonlyMap<string, readonly OpenProgram[]>;

  constructor(report: IndexReport, ecosystems: readonly Ecosystem[]) {
    this.#report = report;
    this.#ecosystems = ecosystems.filter(({ vulnerableCode }) => vulnerableCode !== undefined);
    this.#programs = Map.groupBy(
      (report.linked ?? []).map((program) => new OpenProgram(program)),
      ({ place }) => place,
    );
  }

  /**
   * Returns the verdict for what `advisories` say of the package at `position`. undefined: none of them says which code it is about.
   * `isJoint`: they are about several vulnerabilities, so that what one says does not speak for the others.
   */
  judge(position: number, advisories: readonly Shown[], isJoint: boolean): LinkedVerdict | undefined {
    const { package: found, environments } = this.#report.packages[position]!;
    const own = this.#ecosystems.find(({ detectors }) =>
      detectors.some(({ id }) => found.detector?.startsWith(`${id}:`)),
    );
    const codes = advisories
      .map(({ code, name, aliases }) => code ?? own?.vulnerableCode?.([name, ...aliases]))
      .filter((code) => code !== undefined);
    if (codes.length === 0) return undefined;
    const verdicts = environments.flatMap((environment) => {
      const programs = this.#programs.get(placeOf(environment)) ?? [];
      if (programs.length === 0) return [UNKNOWN];
      return programs.flatMap((program) => codes.map((code) => program.judge(code, found.name)));
    });
    return join(isJoint && codes.length < advisories.length ? [...verdicts, UNKNOWN] : verdicts);
  }
}

function placeOf({ packageDb, introducedIn }: Pick<LinkedProgram, 'packageDb' | 'introducedIn'>): string {
  return `${introducedIn} ${packageDb}`;
}

function join(verdicts: readonly LinkedVerdict[]): LinkedVerdict {
  const state = ORDER.find((each) => verdicts.some((verdict) => verdict.state === each)) ?? 'unknown';
  const names = verdicts.filter((each) => each.state === state).flatMap((each) => each.names);
  return { state, names: [...new Set(names)].slice(0, MOST_NAMES) };
}

/** A program, read when it is first asked. */
class OpenProgram {
  readonly #program: LinkedProgram;
  #packages: ReadonlySet<string> | undefined;
  #functions: NameFilter | null | undefined;

  constructor(program: LinkedProgram) {
    this.#program = program;
  }

  get place(): string {
    return placeOf(this.#program);
  }

  judge(code: VulnerableCode, packageName: string): LinkedVerdict {
    const here = code.filter(({ os, arch }) => this.#runsOn(os, arch));
    if (here.length === 0) return { state: 'no', names: code.map(nameElsewhere).slice(0, MOST_NAMES) };
    return join(here.map(({ path, symbols }) => this.#judgePackage(path, symbols, packageName)));
  }

  #judgePackage(path: string, symbols: readonly string[], packageName: string): LinkedVerdict {
    const { incomplete, relocatable, unnamedMain } = this.#program;
    this.#packages ??= packagesOf(this.#program);
    const absent = (names: readonly string[]): LinkedVerdict =>
      incomplete ? UNKNOWN : { state: 'no', names };
    if (!this.#packages.has(path))
      return relocatable || unnamedMain === packageName ? UNKNOWN : absent([path]);
    if (symbols.length === 0) return { state: 'package', names: [path] };
    const { functions } = this.#program;
    this.#functions ??= functions === undefined ? null : (decodeFilter(functions) ?? null);
    const filter = this.#functions;
    if (filter === null) return UNKNOWN;
    const hashOf = (symbol: string): number =>
      relocatable ? hashOfClass(symbol) : hashOfFunction(path, symbol);
    const there = symbols.filter((symbol) => filter.has(hashOf(symbol)));
    const named = (some: readonly string[]) =>
      some.map((symbol) => (symbol.startsWith('::') ? `${path}${symbol}` : `${path}.${symbol}`));
    return there.length > 0 ? { state: 'symbol', names: named(there) } : absent(named(symbols));
  }

  #runsOn(os: readonly string[] | undefined, arch: readonly string[] | undefined): boolean {
    const { platforms } = this.#program;
    if (platforms.length === 0) return true;
    return platforms.some((platform) => {
      const [ownOs = '', ownArch = ''] = platform.split('/', 2);
      return (os?.includes(ownOs) ?? true) && (arch?.includes(ownArch) ?? true);
    });
  }
}

/** What is vulnerable on other systems than those of the program: `mio on windows`. */
function nameElsewhere({ path, os, arch }: VulnerablePackage): string {
  return `${path} on ${[os, arch].flatMap((names) => names?.join(' or ') ?? []).join(', ')}`;
}

/** The packages of the standard library are their own paths, as is what no module is known of. */
function packagesOf({ packages }: LinkedProgram): Set<string> {
  const paths = new Set<string>();
  for (const [module, inside] of Object.entries(packages))
    for (const path of inside)
      paths.add(module === '' || module === 'stdlib' ? path : path === '' ? module : `${module}/${path}`);
  return paths;
}
