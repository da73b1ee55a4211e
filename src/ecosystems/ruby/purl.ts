/** Gems as package URLs. */

import type { PurlMapping } from '../../contract/purl-mapping.ts';
import { languagePurl } from '../../formats/purl/language.ts';
import { RUBYGEMS } from './detect-gemspecs.ts';

/** `pkg:gem/…`. */
export const purl: PurlMapping = languagePurl({ type: 'gem', repository: RUBYGEMS });
