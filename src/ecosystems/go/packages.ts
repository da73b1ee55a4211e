/** The packages that a Go program's build info stands for, as Clair names them. */
import type { DetectedPackage } from '../../contract/detector.ts';
import type { BuildInfo } from './build-info.ts';
import { type Module, type ModuleInfo, parseModules } from './module-info.ts';

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
    const all = [standardLibrary(info), mainModule(modules), ...modules.dependencies];
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

/** `go1.21.0 X:boringcrypto` is 1.21.0. */
function standardLibrary({ goVersion }: BuildInfo): Module {
  const version = goVersion.replace(/^go/, '').split(' ', 1)[0] ?? '';
  return { path: 'stdlib', version };
}

// clair-quirk: a main module without a version is `(devel)`, with what the build settings know of its commit.
function mainModule({ main, settings }: ModuleInfo): Module {
  const path = main.path === '' ? 'command-line-arguments' : main.path;
  if (main.version !== '' && main.version !== '(devel)') return { path, version: main.version };
  const revision = settings.get('vcs.revision') ?? '';
  const details = [
    settings.get('vcs') ?? '',
    revision && `${/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(revision) ? 'commit' : 'rev'} ${revision}`,
    settings.get('vcs.time') && `built at ${settings.get('vcs.time')}`,
    settings.get('vcs.modified') === 'true' ? 'dirty' : '',
  ].filter(Boolean);
  return { path, version: details.length > 0 ? `(devel) (${details.join(', ')})` : '(devel)' };
}

const NORMALIZABLE =
  /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;

/** Clair's `semver:` form: pre-releases dropped, numbers cut to nine digits. Only Clair's own matchers read it. */
function normalized(version: string): { normalizedVersion?: string } {
  const match = NORMALIZABLE.exec(version.slice(0, 1024));
  if (match === null || version.length > 1024) return {};
  const numbers = match.slice(1, 4).map((digits) => Number((digits ?? '0').slice(0, 9)));
  return { normalizedVersion: `semver:${[0, ...numbers, 0, 0, 0, 0, 0, 0].join('.')}` };
}
