/** What of a golden report waits for detectors and feeds that our service does not have: repositories, vulnerabilities. */
import type { NormalPackage, NormalReport } from './normal-form.ts';
import type { Abilities } from './scope.ts';

/** Key of a repository -> the detector that says it. */
const REPOSITORY_DETECTORS: Readonly<Record<string, string>> = {
  'rhel-cpe-repository': 'rhel-repository-scanner',
  'rhcc-container-repository': 'rhel_containerscanner',
};

/** A report without that, and what it waits for. */
export function withoutNotYet(
  report: NormalReport,
  abilities: Abilities,
): { readonly report: NormalReport; readonly waitsFor: readonly string[] } {
  const waitsFor = new Set<string>();
  const isHere = (repository: string): boolean => {
    const detector = REPOSITORY_DETECTORS[(JSON.parse(repository) as { key?: string }).key ?? ''];
    const here = detector === undefined || abilities.detectors.has(detector);
    if (!here) waitsFor.add(detector);
    return here;
  };
  const isLoaded = (updater: string): boolean => {
    const loaded =
      abilities.feedSets === undefined || [...abilities.feedSets].some((set) => isOf(updater, set));
    if (!loaded) waitsFor.add(`the feed ${updater.replace(/[-/].*$/, '')}`);
    return loaded;
  };
  const cut = (pkg: NormalPackage): NormalPackage => ({
    ...pkg,
    environments: pkg.environments.map((environment) => ({
      ...environment,
      repositories:
        environment.repositories === 'null'
          ? 'null'
          : JSON.stringify((JSON.parse(environment.repositories) as string[]).filter(isHere)),
    })),
    vulnerabilities: pkg.vulnerabilities.filter(({ fields }) => isLoaded(fields.updater)),
  });
  return {
    report: {
      ...report,
      packages: report.packages.map(cut),
      repositories: report.repositories.filter(isHere),
    },
    waitsFor: [...waitsFor],
  };
}

/** Updaters have the name of their set in front: `aws-AL2-updater`, `debian/updater`. */
function isOf(updater: string, set: string): boolean {
  return updater === set || updater.startsWith(`${set}/`) || updater.startsWith(`${set}-`);
}
