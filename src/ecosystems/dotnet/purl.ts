/** NuGet packages as package URLs. */
import { languagePurl } from '../../formats/language-purl.ts';
import type { PurlMapping } from '../contract.ts';
import { NUGET } from './detect-deps.ts';

/** `pkg:nuget/…`. */
export const purl: PurlMapping = languagePurl({ type: 'nuget', repository: NUGET });
