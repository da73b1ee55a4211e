/** Lists of packages without advisories that are told of in images. */
import type { PackageList } from '../../contract/package-list.ts';
import { namesBy, namesIn } from '../../formats/locks/names.ts';
import { conanLock } from './detect-conan.ts';
import { podfileLock } from './detect-pods.ts';

/** Environments of conda have packages of PyPI as well. */
const CONDA = ['conda', 'python'];

export const uncoveredLists: readonly PackageList[] = [
  { is: /^pixi\.lock$/, detectors: CONDA, names: namesBy(/^[ -]+name: ([\w.-]+)$/gm) },
  { is: /^conda-lock\.yml$/, detectors: CONDA, names: namesBy(/^- name: ([\w.-]+)$/gm) },
  { is: /^cpanfile\.snapshot$/, detectors: ['cpan'], names: namesBy(/^ {2}([A-Z][\w-]*)-v?\d/gm) },
  { is: /^conan\.lock$/, detectors: ['conan', 'conan-cache'], names: namesIn(conanLock) },
  // Pods are built into the application: none is found there.
  { is: /^Podfile\.lock$/, detectors: [], names: namesIn(podfileLock) },
];
