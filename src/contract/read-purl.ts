/** The package of a package URL. */
import type { Purl } from '../model/purl.ts';
import type { Ecosystem } from './ecosystem.ts';
import type { PurlPackage } from './purl-mapping.ts';

export interface ReadPurl {
  readonly ecosystem: Ecosystem;
  readonly found: PurlPackage;
  /** `id:revision:package` of the detector that finds such packages, for reports. */
  readonly detector?: string;
}

/** Returns the package of `purl`; undefined if no ecosystem has its type. `written`: as in `PurlMapping`. */
export function readPurl(ecosystems: readonly Ecosystem[], purl: Purl, written = ''): ReadPurl | undefined {
  for (const ecosystem of ecosystems) {
    if (!ecosystem.purl?.types.includes(purl.type)) continue;
    const found = ecosystem.purl.fromPurl(purl, written);
    if (found === undefined) continue;
    const detector = ecosystem.detectors.find(({ kind }) => kind === 'package');
    return {
      ecosystem,
      found,
      ...(detector && { detector: `${detector.id}:${detector.revision}:package` }),
    };
  }
  return undefined;
}

/** Returns whether it is a language package: distribution packages have only repositories with a key. */
export function isOfLanguage({ repositories }: PurlPackage): boolean {
  return repositories?.some(({ key }) => key === undefined) ?? false;
}
