/** Python packages as package URLs. */

import type { PurlMapping } from '../../contract/purl-mapping.ts';
import { languagePurl } from '../../formats/purl/language.ts';
import { PYPI } from './detect-metadata.ts';

/** `pkg:pypi/…`. */
export const purl: PurlMapping = languagePurl({ type: 'pypi', repository: PYPI });
