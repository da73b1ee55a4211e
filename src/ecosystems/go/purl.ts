/** Go modules as package URLs. */

import type { PurlMapping } from '../../contract/purl-mapping.ts';
import { languagePurl } from '../../formats/purl/language.ts';
import type { Purl } from '../../model/purl.ts';
import { GO_REPOSITORY } from './detect-binary.ts';
import { moduleOfPackage } from './package-module.ts';

/** `pkg:golang/…`. Scanners write the version of the standard library as a module's, or as the linker's `go1.21.3`. */
export const purl: PurlMapping = languagePurl({
  type: 'golang',
  repository: GO_REPOSITORY,
  separator: '/',
  needless: ['type=module'],
  readName,
  readVersion: (version, name) => (name === 'stdlib' ? version.replace(/^(?:v|go)(?=\d)/, '') : version),
});

/**
 * purl-spec wants names in lower case, which module paths are not; Syft cuts a path after its third part and writes the rest
 * as the subpath. Where the document has the path beside the package URL, that is the module. cyclonedx-gomod calls the
 * standard library `std`, others `go`; with `type=package` its subpath is a package in the module.
 */
function readName(full: string, { subpath, qualifiers, version }: Purl, written: string): string {
  if (full === 'std' || full === 'go') return 'stdlib';
  const module = moduleOfPackage(full, version);
  if (module !== undefined) return module;
  const whole = subpath === '' || qualifiers.get('type') === 'package' ? full : `${full}/${subpath}`;
  const same = (path: string): boolean => path.toLowerCase() === written.toLowerCase();
  if (same(whole) || same(full)) return written;
  return /^v\d+$/.test(subpath) ? whole : full;
}
