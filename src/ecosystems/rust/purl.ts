/** Crates as package URLs. */
import { languagePurl } from '../../formats/language-purl.ts';
import type { PurlMapping } from '../contract.ts';
import { CRATES } from './detect-auditable.ts';

/** `pkg:cargo/…`. */
export const purl: PurlMapping = languagePurl({ type: 'cargo', repository: CRATES });
