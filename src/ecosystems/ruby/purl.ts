/** Gems as package URLs. */
import { languagePurl } from '../../formats/language-purl.ts';
import type { PurlMapping } from '../contract.ts';
import { RUBYGEMS } from './detect-gemspecs.ts';

/** `pkg:gem/…`. */
export const purl: PurlMapping = languagePurl({ type: 'gem', repository: RUBYGEMS });
