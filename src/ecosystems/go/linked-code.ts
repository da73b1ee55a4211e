/** Tells which packages and functions of its modules a Go program was linked with. */
import type { RandomAccessFile } from '../../contract/detector.ts';
import { encodeFilter } from '../../lib/name-filter.ts';
import type { LinkedCode } from '../../model/linked-code.ts';
import type { BuildInfo, GoProgram } from './build-info.ts';
import { FunctionNames } from './function-names.ts';
import { readFunctionNames } from './function-table.ts';
import { type ModuleInfo, parseModules } from './module-info.ts';
import { mainModule, STANDARD_LIBRARY } from './packages.ts';

/** Bytes of functions of a usual program, before base64; fewer if its packages leave less of `PROGRAM_BUDGET`. */
const FUNCTIONS_BUDGET = 40 * 1024;
/** Characters of all that is kept of a usual program, without where it lies: some hundred more. */
const PROGRAM_BUDGET = 63_000;
const BYTES_A_CHARACTER = 3 / 4;
/** Of a program with more of them only packages are kept: the largest ones have some 200,000. */
const FUNCTIONS_LIMIT = 400_000;
const PATHS_LIMIT = 1024 * 1024;

/** cmd/go, "Build modes": the code of these is in several files. */
const SEVERAL_FILES = new Set(['plugin', 'shared']);
/** What `go build` calls files that were named to it. */
const ARGUMENTS = 'command-line-arguments';
const MAIN = 'main';

/**
 * Returns what the programs of one file have linked, together. undefined: nobody can tell, because a table is missing, cannot be read
 * to its end, or has names that are not the source's (garble), or because the code is in other files as well.
 */
export function linkedCode(file: RandomAccessFile, programs: readonly GoProgram[]): LinkedCode | undefined {
  const all: LinkedNames[] = [];
  for (const { executable, info } of programs) {
    const names = info === 'unreadable' ? undefined : namesOf(file, executable, info);
    if (names === undefined) return undefined;
    all.push(names);
  }
  const [first] = all;
  if (first === undefined) return undefined;
  const packages = joinPackages(all);
  if (packages === undefined) return undefined;
  const count = all.reduce((sum, { names }) => sum + names.hashes().length, 0);
  const unnamed = all.find(({ unnamedMain }) => unnamedMain !== undefined)?.unnamedMain;
  const platforms = all.flatMap(({ platform }) => platform ?? []);
  const code: LinkedCode = {
    // One that is not told may be any.
    platforms: platforms.length < all.length ? [] : [...new Set(platforms)].sort(),
    packages,
    ...(all.some(({ names }) => names.incomplete) && { incomplete: true }),
    ...(unnamed !== undefined && { unnamedMain: unnamed }),
  };
  if (count > FUNCTIONS_LIMIT) return code;
  const left = (PROGRAM_BUDGET - JSON.stringify(code).length) * BYTES_A_CHARACTER;
  return { ...code, functions: encodeFilter(joinHashes(all, count), Math.min(FUNCTIONS_BUDGET, left)) };
}

interface LinkedNames {
  readonly names: FunctionNames;
  readonly platform: string | undefined;
  readonly unnamedMain: string | undefined;
  /** Module and path in it of a package. */
  place(importPath: string): readonly [string, string];
}

function namesOf(
  file: RandomAccessFile,
  executable: GoProgram['executable'],
  info: BuildInfo,
): LinkedNames | undefined {
  const modules = parseModules(info);
  const { settings, packagePath } = modules;
  if (SEVERAL_FILES.has(settings.get('-buildmode') ?? '') || settings.get('-linkshared') === 'true')
    return undefined;
  const isNamed = packagePath !== '' && packagePath !== ARGUMENTS;
  const owners = ownersOf(modules);
  const names = new FunctionNames((path) => {
    if (path === MAIN) return isNamed ? packagePath : path;
    const [owner, rest] = ownerOf(owners, path);
    return owner === undefined || owner === STANDARD_LIBRARY ? path : joined(owner, rest);
  });
  const release = /^go1\.(\d{1,4})/.exec(info.goVersion)?.[1];
  if (!readFunctionNames(file, executable, release === undefined ? undefined : Number(release), names))
    return undefined;
  if (!areOfSource(names, modules)) return undefined;
  const [os, arch] = [settings.get('GOOS'), settings.get('GOARCH')];
  const found = ownersAsFound(modules);
  return {
    names,
    platform: os && arch && `${os}/${arch}`,
    unnamedMain: isNamed ? undefined : mainModule(modules).path,
    place: (path) => {
      const [owner, rest] = ownerOf(found, path);
      return [owner ?? '', rest];
    },
  };
}

/** Programs whose names were replaced (garble) have none of their own packages, or no `runtime`. */
function areOfSource(names: FunctionNames, { dependencies }: ModuleInfo): boolean {
  if (!names.hasPackage('runtime') || !names.hasPackage(MAIN)) return false;
  if (dependencies.length === 0) return true;
  const packages = names.packages();
  return dependencies.some(({ path }) =>
    packages.some((each) => each === path || each.startsWith(`${path}/`)),
  );
}

/** By the path that packages of a module are imported by, its name in the report. */
function ownersOf(modules: ModuleInfo): Map<string, string> {
  const main = mainModule(modules).path;
  const imported = modules.dependencies.map(({ path, replaces = path }) => [replaces, path] as const);
  return new Map([[main, main], ...imported]);
}

function ownersAsFound(modules: ModuleInfo): Map<string, string> {
  return new Map([mainModule(modules), ...modules.dependencies].map(({ path }) => [path, path]));
}

/** The module of the longest path that `path` begins with, and the rest; a path without a dot is of the standard library. */
function ownerOf(owners: ReadonlyMap<string, string>, path: string): [string | undefined, string] {
  for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
    const owner = owners.get(path.slice(0, end));
    if (owner !== undefined) return [owner, path.slice(end + 1)];
  }
  const [first = ''] = path.split('/', 1);
  return [first.includes('.') || first === MAIN ? undefined : STANDARD_LIBRARY, path];
}

function joined(owner: string, rest: string): string {
  return rest === '' ? owner : `${owner}/${rest}`;
}

/** undefined: they take more than is kept. */
function joinPackages(all: readonly LinkedNames[]): Record<string, string[]> | undefined {
  const packages = new Map<string, Set<string>>();
  let size = 0;
  for (const { names, place } of all)
    for (const path of names.packages()) {
      const [owner, rest] = place(path);
      const known = packages.get(owner) ?? new Set();
      packages.set(owner, known.add(rest));
      size += rest.length;
      if (size > PATHS_LIMIT) return undefined;
    }
  const sorted = [...packages].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([owner, paths]) => [owner, [...paths].sort()]));
}

function joinHashes(all: readonly LinkedNames[], count: number): Float64Array {
  const joint = new Float64Array(count);
  let at = 0;
  for (const { names } of all) {
    joint.set(names.hashes(), at);
    at += names.hashes().length;
  }
  return joint;
}
