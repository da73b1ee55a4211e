/** Packages of Hex as package URLs. */

import type { PurlMapping } from '../../contract/purl-mapping.ts';
import { languagePurl } from '../../formats/purl/language.ts';
import { HEX } from './detect-applications.ts';

/** `pkg:hex/…`. */
export const purl: PurlMapping = languagePurl({ type: 'hex', repository: HEX, separator: '/' });
