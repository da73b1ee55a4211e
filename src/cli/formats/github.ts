/**
 * `github`: a snapshot of the packages for GitHub's dependency graph (REST API, "Dependency submission"). It contains no findings:
 * GitHub matches the packages itself.
 */

import { AppError } from '../../errors.ts';
import { VERSION } from '../../lib/version.ts';
import { type InventoryItem, inventoryOf } from '../../sbom/inventory.ts';
import type { FormatInput } from './view.ts';
import { caveats, freshness } from './words.ts';

const HOME = 'https://github.com/quay/clair';

/** Returns the snapshot. `env` is the environment of GitHub Actions, which names commit and job; throws `bad-config` without it. */
export function github(
  { view, index, ecosystems }: FormatInput,
  env: NodeJS.ProcessEnv = process.env,
): string {
  const { GITHUB_SHA: sha, GITHUB_REF: ref } = env;
  if (!sha || !ref)
    throw new AppError(
      'bad-config',
      '--format github requires GITHUB_SHA and GITHUB_REF, the commit and the branch, which GitHub Actions sets',
    );
  const { packages } = inventoryOf(index, ecosystems);
  // A package that lies in no file of its own is of the image: its distribution's, and what nobody says the place of.
  const groups = Map.groupBy(packages, ({ paths }) => paths[0] ?? view.target.name);
  return `${JSON.stringify({
    version: 0,
    job: jobOf(env, view.target.name),
    sha,
    ref,
    detector: { name: view.tool.name, version: VERSION, url: HOME },
    scanned: view.created,
    metadata: {
      target: view.target.name,
      manifest: view.manifest,
      complete: view.complete,
      caveats: caveats(view).join('\n'),
      feeds: freshness(view).join('\n'),
    },
    manifests: Object.fromEntries([...groups].map(([path, items]) => [path, manifestOf(path, items)])),
  })}\n`;
}

/** Returns the job with its correlator (workflow, job, target): a later snapshot replaces one with the same correlator. */
function jobOf(env: NodeJS.ProcessEnv, target: string): object {
  const { GITHUB_RUN_ID: id = '', GITHUB_WORKFLOW: workflow = '', GITHUB_JOB: job = '' } = env;
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository } = env;
  const correlator = [workflow, job, target].filter(Boolean).join(' ');
  const url = server && repository && id ? { html_url: `${server}/${repository}/actions/runs/${id}` } : {};
  return { id: id || correlator, correlator, ...url };
}

function manifestOf(path: string, items: readonly InventoryItem[]): object {
  const resolved = items.flatMap(({ name, version, purl }) =>
    purl === undefined
      ? []
      : [[`${name}@${version}`, { package_url: purl, relationship: 'direct', scope: 'runtime' }] as const],
  );
  return { name: path, file: { source_location: path }, resolved: Object.fromEntries(resolved) };
}
