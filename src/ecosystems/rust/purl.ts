/** Crates as package URLs. */

import type { PurlMapping } from '../../contract/purl-mapping.ts';
import { languagePurl } from '../../formats/purl/language.ts';
import { CRATES } from './detect-auditable.ts';

/** `pkg:cargo/…`. */
export const purl: PurlMapping = languagePurl({ type: 'cargo', repository: CRATES });
