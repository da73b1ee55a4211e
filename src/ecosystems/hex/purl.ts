/** Packages of Hex as package URLs. */
import { languagePurl } from '../../formats/language-purl.ts';
import type { PurlMapping } from '../contract.ts';
import { HEX } from './detect-applications.ts';

/** `pkg:hex/…`. */
export const purl: PurlMapping = languagePurl({ type: 'hex', repository: HEX, separator: '/' });
