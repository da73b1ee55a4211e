/** Go modules as package URLs. */

import type { PurlMapping } from '../../contract/purl-mapping.ts';
import { languagePurl } from '../../formats/purl/language.ts';
import { GO_REPOSITORY } from './detect-binary.ts';

/** `pkg:golang/…`. Scanners write the version of the standard library as a module's, or as the linker's `go1.21.3`. */
export const purl: PurlMapping = languagePurl({
  type: 'golang',
  repository: GO_REPOSITORY,
  separator: '/',
  readVersion: (version, name) => (name === 'stdlib' ? version.replace(/^(?:v|go)(?=\d)/, '') : version),
});
