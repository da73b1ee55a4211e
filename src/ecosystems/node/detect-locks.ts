/** Lists of npm packages that are to be installed. */
import { normalizedSemver } from '../../formats/versions/semver.ts';
import { lockFiles } from '../lock-files.ts';
import { NPM } from './detect-package-json.ts';
import { binaryBunLock, bunLock } from './lock-bun.ts';
import { denoLock } from './lock-deno.ts';
import { npmLock } from './lock-npm.ts';
import { pnpmLock } from './lock-pnpm.ts';
import { yarnLock } from './lock-yarn.ts';
import { npmVersions } from './version.ts';

/** What is for development is read as well: it runs where the project is built. */
// differs: a detector that Clair does not have: lock files of npm, Yarn, pnpm, Bun and Deno in directories of sources
export const nodeLocks = lockFiles({
  id: 'nodejs-lock',
  revision: '2',
  formats: [npmLock, yarnLock, pnpmLock, bunLock, binaryBunLock, denoLock],
  repository: NPM,
  database: 'nodejs',
  written: ({ name, version }) => {
    const semver = npmVersions.parse(version);
    return { name, version, ...(semver && { normalizedVersion: normalizedSemver(semver) }) };
  },
});
