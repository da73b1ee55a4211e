/** Python packages as package URLs. */

import type { PurlMapping } from '../../contract/purl-mapping.ts';
import { languagePurl } from '../../formats/purl/language.ts';
import { PYPI } from './detect-metadata.ts';

/** `pkg:pypi/…`. purl-spec: `_` and `-` are one, as letters of both cases. */
export const purl: PurlMapping = languagePurl({
  type: 'pypi',
  repository: PYPI,
  folded: (name) => (/^[\w.-]*$/.test(name) ? name.toLowerCase().replace(/[-_.]+/g, '-') : name),
});
