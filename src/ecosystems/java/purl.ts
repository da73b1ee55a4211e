/** Java packages as package URLs. */

import type { PurlMapping } from '../../contract/purl-mapping.ts';
import { languagePurl } from '../../formats/purl/language.ts';
import { MAVEN_CENTRAL } from './detect-archives.ts';

/** `pkg:maven/…`. */
export const purl: PurlMapping = languagePurl({
  type: 'maven',
  repository: MAVEN_CENTRAL,
  separator: ':',
  needless: ['type=jar'],
  // Some write the group as the path that it has in a repository.
  readName: (full, { namespace }) =>
    namespace.includes('/') ? `${namespace.replaceAll('/', '.')}${full.slice(namespace.length)}` : full,
});
