/** npm packages as package URLs. */
import { languagePurl } from '../../formats/language-purl.ts';
import type { PurlMapping } from '../contract.ts';
import { NPM } from './detect-package-json.ts';

/** `pkg:npm/…`. */
export const purl: PurlMapping = languagePurl({ type: 'npm', repository: NPM, separator: '/' });
