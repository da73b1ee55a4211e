/** Java packages as package URLs. */
import { languagePurl } from '../../formats/language-purl.ts';
import type { PurlMapping } from '../contract.ts';
import { MAVEN_CENTRAL } from './detect-archives.ts';

/** `pkg:maven/…`. */
export const purl: PurlMapping = languagePurl({ type: 'maven', repository: MAVEN_CENTRAL, separator: ':' });
