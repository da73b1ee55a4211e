/** Packages that are known, and of which no feed speaks: they are counted, so that a report says that they were not checked. */
import type { Ecosystem } from '../../contract/ecosystem.ts';
import { byPath } from '../coalesce.ts';
import { unmatched } from '../unmatched.ts';
import { conanLocks } from './detect-conan.ts';
import { conanCache } from './detect-conan-cache.ts';
import { kernels } from './detect-kernels.ts';
import { podLocks } from './detect-pods.ts';
import { recordDetectors } from './detect-records.ts';
import { storeDetectors } from './detect-stores.ts';
import { workflows } from './detect-workflows.ts';
import { uncoveredLists } from './lists.ts';
import { projectFiles } from './project-files.ts';

/** OSV publishes no advisories of Conan, and has no ecosystem for the others (ossf.github.io/osv-schema). */
export const uncovered: Ecosystem = {
  ...unmatched,
  id: 'uncovered',
  detectors: [...recordDetectors, ...storeDetectors, kernels, conanCache, conanLocks, podLocks, workflows],
  lists: uncoveredLists,
  projectFiles,
  packageFiles: [
    { begins: /^PK/, is: /\.conda$/, name: /^(.+)-[^-]+-[^-]+\.conda$/ },
    { begins: /^flatpak\0/, name: /^(.+)\.flatpak$/ },
  ],
  coalesce: byPath,
};
