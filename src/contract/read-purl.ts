/** From a package URL to the package that an ecosystem knows by it. */
import type { Purl } from '../model/purl.ts';
import type { Ecosystem } from './ecosystem.ts';
import type { PurlPackage } from './purl-mapping.ts';

export interface ReadPurl {
  readonly ecosystem: Ecosystem;
  readonly found: PurlPackage;
  /** `id:revision:package` of the detector that finds such packages, for reports. */
  readonly detector?: string;
}

/** What `purl` is; `written`: as in `PurlMapping`. undefined: no ecosystem has such packages. */
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

/** A package of a distribution has no repositories but those that its distributor keys. */
export function isOfLanguage({ repositories }: PurlPackage): boolean {
  return repositories?.some(({ key }) => key === undefined) ?? false;
}
