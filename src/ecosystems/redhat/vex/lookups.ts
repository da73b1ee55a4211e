/** What of an rpm of Red Hat is looked up: in the advisories for the repositories that it came from. */

import type { Lookup } from '../../../contract/lookup.ts';
import { streamOfPackage } from '../../../formats/versions/module-stream.ts';
import type { Package, Repository } from '../../../model/package.ts';
import { RHEL_PREFIX } from '../scopes/scopes.ts';

/** The package by its own name and by its source's: fixes are said of binary packages, the lack of one of sources. */
export function vexLookups(installed: Package, repository: Repository): Lookup[] {
  const { name, version, kind, arch, source } = installed;
  const module = streamOfPackage(installed.module, version);
  const shared = {
    scope: RHEL_PREFIX + (repository.name || repository.cpe || ''),
    ...(module && { module }),
  };
  const own: Lookup = { ...shared, kind, name, version, ...(arch && { arch }) };
  return source === undefined
    ? [own]
    : [own, { ...shared, kind: 'source', name: source.name, version: source.version }];
}
