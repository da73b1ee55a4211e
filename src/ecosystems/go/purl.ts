/** Go modules as package URLs. */
import { languagePurl } from '../../formats/language-purl.ts';
import type { PurlMapping } from '../contract.ts';
import { GO_REPOSITORY } from './detect-binary.ts';

/** `pkg:golang/…`. Scanners write the version of the standard library as a module's, or as the linker's `go1.21.3`. */
export const purl: PurlMapping = languagePurl({
  type: 'golang',
  repository: GO_REPOSITORY,
  separator: '/',
  readVersion: (version, name) => (name === 'stdlib' ? version.replace(/^(?:v|go)(?=\d)/, '') : version),
});
