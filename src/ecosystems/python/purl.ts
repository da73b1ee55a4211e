/** Python packages as package URLs. */
import { languagePurl } from '../../formats/language-purl.ts';
import type { PurlMapping } from '../contract.ts';
import { PYPI } from './detect-metadata.ts';

/** `pkg:pypi/…`. */
export const purl: PurlMapping = languagePurl({ type: 'pypi', repository: PYPI });
