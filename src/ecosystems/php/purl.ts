/** Composer packages as package URLs. */

import type { PurlMapping } from '../../contract/purl-mapping.ts';
import { languagePurl } from '../../formats/purl/language.ts';
import { PACKAGIST } from './detect-installed.ts';

/** `pkg:composer/…`. */
export const purl: PurlMapping = languagePurl({
  type: 'composer',
  repository: PACKAGIST,
  separator: '/',
  folded: (name) => name.toLowerCase(),
});
