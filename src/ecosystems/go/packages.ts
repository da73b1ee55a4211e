/** The packages that a Go program's build info stands for, as Clair names them. */
import type { DetectedPackage } from '../../contract/detector.ts';
import type { BuildInfo } from './build-info.ts';
import { linkerVersion } from './linker-version.ts';
import { DEVEL, type Module, type ModuleInfo, parseModules } from './module-info.ts';

/** Standard library, main module and dependencies of the program at `path`, each once; and what could not be read. */
export function packagesOf(
  path: string,
  infos: readonly BuildInfo[],
): { packages: DetectedPackage[]; problems: string[] } {
  const packages = new Map<string, DetectedPackage>();
  const problems = new Set<string>();
  for (const info of infos) {
    const modules = parseModules(info);
    for (const problem of modules.problems) problems.add(problem);
    const all = [standardLibrary(info), ...withoutMain(mainModule(modules), modules.dependencies)];
    for (const { path: name, version } of all) {
      const id = `${name}\0${version}`;
      if (packages.has(id)) continue;
      packages.set(id, {
        name,
        version,
        kind: 'binary',
        ...normalized(version),
        database: `go:${path}`,
        path,
      });
    }
  }
  return { packages: [...packages.values()], problems: [...problems] };
}

/** The module that packages of Go itself are of. */
export const STANDARD_LIBRARY = 'stdlib';

/** `go1.21.0 X:boringcrypto` is 1.21.0. */
function standardLibrary({ goVersion }: BuildInfo): Module {
  const version = goVersion.replace(/^go/, '').split(' ', 1)[0] ?? '';
  return { path: STANDARD_LIBRARY, version };
}

/** A main module that is listed as a dependency, too, is that only. */
function withoutMain(main: Module, dependencies: readonly Module[]): Module[] {
  return [main, ...dependencies.filter(({ path, version }) => path !== main.path || version !== DEVEL)];
}

/** Returns the main module as it is reported. */
// clair-quirk: a main module without a version is `(devel)`, with what the build settings know of its commit.
// differs: the version that the linker was told, and the path of the package, where those of a module are missing (clair-indexing.md#go-programs)
export function mainModule({ main, packagePath, dependencies, settings }: ModuleInfo): Module {
  const path = main.path || modulePath(packagePath, dependencies);
  if (main.version !== '' && main.version !== DEVEL) return { path, version: main.version };
  const told = linkerVersion(settings.get('-ldflags') ?? '', path);
  if (told !== undefined) return { path, version: told };
  const revision = settings.get('vcs.revision') ?? '';
  const details = [
    settings.get('vcs') ?? '',
    revision && `${/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(revision) ? 'commit' : 'rev'} ${revision}`,
    settings.get('vcs.time') && `built at ${settings.get('vcs.time')}`,
    settings.get('vcs.modified') === 'true' ? 'dirty' : '',
  ].filter(Boolean);
  return { path, version: details.length > 0 ? `(devel) (${details.join(', ')})` : '(devel)' };
}

const ARGUMENTS = 'command-line-arguments';

/**
 * Without a main module: the one dependency that is a working copy, if files of it were named to `go build`; else the
 * module that the package is of, by its path, programs being in `cmd` by custom.
 */
function modulePath(packagePath: string, dependencies: readonly Module[]): string {
  if (packagePath !== '' && packagePath !== ARGUMENTS) return packagePath.replace(/\/cmd(?:\/.*)?$/s, '');
  const copies = dependencies.filter(({ version }) => version === DEVEL);
  return copies.length === 1 ? copies[0]!.path : ARGUMENTS;
}

const NORMALIZABLE =
  /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;

/** Clair's `semver:` form: pre-releases dropped, numbers cut to nine digits. Only Clair's own matchers read it. */
export function normalized(version: string): { normalizedVersion?: string } {
  const match = NORMALIZABLE.exec(version.slice(0, 1024));
  if (match === null || version.length > 1024) return {};
  const numbers = match.slice(1, 4).map((digits) => Number((digits ?? '0').slice(0, 9)));
  return { normalizedVersion: `semver:${[0, ...numbers, 0, 0, 0, 0, 0, 0].join('.')}` };
}
