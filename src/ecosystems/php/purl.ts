/** Composer packages as package URLs. */
import { languagePurl } from '../../formats/language-purl.ts';
import type { PurlMapping } from '../contract.ts';
import { PACKAGIST } from './detect-installed.ts';

/** `pkg:composer/…`. */
export const purl: PurlMapping = languagePurl({ type: 'composer', repository: PACKAGIST, separator: '/' });
